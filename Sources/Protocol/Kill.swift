/// Ends one connection with a reset on both sides.
public struct Kill: WireMessage {
    /// The id of its records.
    public let connection: UInt64

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(connection: UInt64) {
        self.connection = connection
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        connection = reader.u64()
        guard reader.isComplete else { return nil }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.kill, flags: 0, requestID: requestID)
        writer.put(connection)
        writer.end()
    }
}
