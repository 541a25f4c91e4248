/// The new table is whole: it takes the old one's place at once.
public struct TableCommit: WireMessage {
    /// The generation of the begin that it finishes.
    public let generation: UInt64

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(generation: UInt64) {
        self.generation = generation
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        generation = reader.u64()
        if !reader.isComplete { return nil }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.tableCommit, flags: 0, requestID: requestID)
        writer.put(generation)
        writer.end()
    }
}
