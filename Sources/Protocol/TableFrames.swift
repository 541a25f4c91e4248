/// A whole table as messages: begin, chunks that each fit one frame, commit.
///
/// For the controlplane, which may allocate. Filters are numbered from 1 as they stand; networks and prefixes are put in the order that
/// `TableCheck` asks for; that ids and prefixes are there once each is up to the configuration.
public struct TableFrames: Sendable {
    /// In the order to send them.
    public let messages: [Message]

    /// The messages for a table that replaces the one in use.
    ///
    /// - Parameters:
    ///   - generation: names the table.
    ///   - networks: in any order.
    ///   - prefixes: in any order.
    ///   - filters: none empty, at most `Limits.filtersMax`; a network's `filter` is the place here
    ///     plus one.
    public init(
        generation: UInt64, networks: [NetworkSettings], prefixes: [PrefixEntry],
        filters: [PacketRules] = []
    ) {
        let networks = networks.sorted { $0.id < $1.id }
        let prefixes = prefixes.sorted { $0.prefix < $1.prefix }
        let begin = TableBegin(
            generation: generation, networks: UInt32(networks.count),
            prefixes: UInt32(prefixes.count))
        var messages: [Message] = [.tableBegin(begin)]
        for (index, rules) in filters.enumerated() {
            messages.append(.filterChunk(FilterChunk(filter: UInt16(index + 1), rules: rules)))
        }
        for start in stride(from: 0, to: networks.count, by: Limits.networksPerChunkMax) {
            let end = min(start + Limits.networksPerChunkMax, networks.count)
            messages.append(.networkChunk(Array(networks[start..<end])))
        }
        for start in stride(from: 0, to: prefixes.count, by: Limits.prefixesPerChunkMax) {
            let end = min(start + Limits.prefixesPerChunkMax, prefixes.count)
            messages.append(.prefixChunk(Array(prefixes[start..<end])))
        }
        messages.append(.tableCommit(TableCommit(generation: generation)))
        self.messages = messages
    }
}
