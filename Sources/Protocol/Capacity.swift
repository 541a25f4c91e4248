/// Connections of a network wait because every endpoint is full: another one is wanted.
public struct Capacity: WireMessage {
    /// The network's id.
    public let network: UInt32

    /// Connections that wait; 0 once none does.
    public let queued: UInt32

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(network: UInt32, queued: UInt32) {
        self.network = network
        self.queued = queued
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        network = reader.u32()
        queued = reader.u32()
        guard reader.isComplete, network != Limits.networkAll else { return nil }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.capacity, flags: 0, requestID: requestID)
        writer.put(network)
        writer.put(queued)
        writer.end()
    }
}
