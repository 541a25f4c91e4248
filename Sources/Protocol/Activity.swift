/// How much goes on in a network: sent when a figure changes, at most a few times a second.
///
/// All three at zero is what starts the idle timer.
public struct Activity: WireMessage {
    /// The network's id.
    public let network: UInt32

    /// Connections whose both sides are connected.
    public let open: UInt32

    /// Connections whose far side is being opened.
    public let opening: UInt32

    /// Packets held until the network is up.
    public let parked: UInt32

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(network: UInt32, open: UInt32, opening: UInt32, parked: UInt32) {
        self.network = network
        self.open = open
        self.opening = opening
        self.parked = parked
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        network = reader.u32()
        open = reader.u32()
        opening = reader.u32()
        parked = reader.u32()
        guard reader.isComplete, network != Limits.networkAll else { return nil }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.activity, flags: 0, requestID: requestID)
        writer.put(network)
        writer.put(open)
        writer.put(opening)
        writer.put(parked)
        writer.end()
    }
}
