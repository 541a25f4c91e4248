/// A network's tunnel has ended, and whatever went through it can not go on.
public struct TunnelLost: WireMessage {
    /// Which one.
    public let network: UInt32

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(network: UInt32) {
        self.network = network
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        network = reader.u32()
        guard reader.isComplete else { return nil }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.tunnelLost, flags: 0, requestID: requestID)
        writer.put(network)
        writer.end()
    }
}
