/// The doorbell's queues: the descriptors come with this frame's bytes (SCM_RIGHTS of unix(7)).
public struct Device: WireMessage {
    @inlinable public static var kind: Kind { .device }

    /// How many descriptors come: 1...`Limits.queuesMax`.
    public let queues: UInt8

    @_noAllocation @_noLocks
    public init(queues: UInt8) {
        self.queues = queues
    }

    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        queues = reader.u8()
        guard reader.isComplete, queues >= 1, Int(queues) <= Limits.queuesMax else { return nil }
    }

    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.device, flags: 0, requestID: requestID)
        writer.put(queues)
        writer.end()
    }
}
