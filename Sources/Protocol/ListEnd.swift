/// A page of listed connections ends.
public struct ListEnd: WireMessage {
    @inlinable public static var kind: Kind { .listEnd }

    /// Ask again from here; 0 where there are no more.
    public let nextCursor: UInt32

    @_noAllocation @_noLocks
    public init(nextCursor: UInt32) {
        self.nextCursor = nextCursor
    }

    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        nextCursor = reader.u32()
        guard reader.isComplete else { return nil }
    }

    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.listEnd, flags: 0, requestID: requestID)
        writer.put(nextCursor)
        writer.end()
    }
}
