/// Ends one connection with a reset on both sides.
public struct Kill: WireMessage {
    @inlinable public static var kind: Kind { .kill }

    /// The id of its records.
    public let connection: UInt64

    @_noAllocation @_noLocks
    public init(connection: UInt64) {
        self.connection = connection
    }

    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        connection = reader.u64()
        guard reader.isComplete else { return nil }
    }

    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.kill, flags: 0, requestID: requestID)
        writer.put(connection)
        writer.end()
    }
}
