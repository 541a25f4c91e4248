/// A whole table as messages: begin, chunks that each fit one frame, commit.
///
/// For the controlplane, which may allocate. Networks and prefixes are put in the order that
/// `TableCheck` asks for; that ids and prefixes are there once each is up to the configuration.
public struct TableFrames: Sendable {
    /// In the order to send them.
    public let messages: [Message]

    /// The messages for a table that replaces the one in use.
    public init(generation: UInt64, networks: [NetworkSettings], prefixes: [PrefixEntry]) {
        let networks = networks.sorted { $0.id < $1.id }
        let prefixes = prefixes.sorted { $0.prefix < $1.prefix }
        let begin = TableBegin(
            generation: generation, networks: UInt32(networks.count),
            prefixes: UInt32(prefixes.count))
        var messages: [Message] = [.tableBegin(begin)]
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
