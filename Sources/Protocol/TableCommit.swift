/// The new table is whole: it takes the old one's place at once.
public struct TableCommit: WireMessage {
    @inlinable public static var kind: Kind { .tableCommit }

    /// The generation of the begin that it finishes.
    public let generation: UInt64

    @_noAllocation @_noLocks
    public init(generation: UInt64) {
        self.generation = generation
    }

    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        generation = reader.u64()
        if !reader.isComplete { return nil }
    }

    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.tableCommit, flags: 0, requestID: requestID)
        writer.put(generation)
        writer.end()
    }
}
