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
        let begin = TableBegin(
            generation: generation, networks: UInt32(networks.count),
            prefixes: UInt32(prefixes.count))
        var messages: [Message] = [.tableBegin(begin)]
        for (index, rules) in filters.enumerated() {
            messages.append(.filterChunk(FilterChunk(filter: UInt16(index + 1), rules: rules)))
        }
        self.messages = messages + Self.content(generation, networks, prefixes)
    }

    /// The messages that change the table in use.
    ///
    /// - Parameters:
    ///   - generation: names the table that comes of it.
    ///   - base: the one in use.
    ///   - networks: in any order; those that go have `Flags.removed`.
    ///   - prefixes: in any order, each once; those that go have the network 0.
    public init(
        generation: UInt64, changing base: UInt64, networks: [NetworkSettings],
        prefixes: [PrefixEntry]
    ) {
        let patch = TablePatch(
            generation: generation, base: base, networks: UInt32(networks.count),
            prefixes: UInt32(prefixes.count))
        messages = [.tablePatch(patch)] + Self.content(generation, networks, prefixes)
    }

    private static func content(
        _ generation: UInt64, _ networks: [NetworkSettings], _ prefixes: [PrefixEntry]
    ) -> [Message] {
        let networks = networks.sorted { $0.id < $1.id }
        let prefixes = prefixes.sorted { $0.prefix < $1.prefix }
        var messages: [Message] = []
        for start in stride(from: 0, to: networks.count, by: Limits.networksPerChunkMax) {
            let end = min(start + Limits.networksPerChunkMax, networks.count)
            messages.append(.networkChunk(Array(networks[start..<end])))
        }
        for start in stride(from: 0, to: prefixes.count, by: Limits.prefixesPerChunkMax) {
            let end = min(start + Limits.prefixesPerChunkMax, prefixes.count)
            messages.append(.prefixChunk(Array(prefixes[start..<end])))
        }
        messages.append(.tableCommit(TableCommit(generation: generation)))
        return messages
    }
}
