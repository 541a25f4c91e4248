/// The doorbell's queues: the descriptors come with this frame's bytes (SCM_RIGHTS of unix(7)).
public struct Device: WireMessage {
    /// How many descriptors come: 1...`Limits.queuesMax`.
    public let queues: UInt8

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(queues: UInt8) {
        self.queues = queues
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        queues = reader.u8()
        guard reader.isComplete, queues >= 1, Int(queues) <= Limits.queuesMax else { return nil }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.device, flags: 0, requestID: requestID)
        writer.put(queues)
        writer.end()
    }
}
