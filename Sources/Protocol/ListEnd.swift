/// A page of listed connections ends.
public struct ListEnd: WireMessage {
    /// Ask the same worker again from here; 0 where it has no more.
    public let nextCursor: UInt32

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(nextCursor: UInt32) {
        self.nextCursor = nextCursor
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        nextCursor = reader.u32()
        guard reader.isComplete else { return nil }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.listEnd, flags: 0, requestID: requestID)
        writer.put(nextCursor)
        writer.end()
    }
}
