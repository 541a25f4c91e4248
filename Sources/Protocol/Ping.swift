/// Asks whether the dataplane's loop turns; it answers with a `Pong`.
public struct Ping: WireMessage {
    /// Any number; the answer repeats it.
    public let cookie: UInt64

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(cookie: UInt64) {
        self.cookie = cookie
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        cookie = reader.u64()
        guard reader.isComplete else { return nil }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.ping, flags: 0, requestID: requestID)
        writer.put(cookie)
        writer.end()
    }
}
