/// Somebody wants a network that is not up: the first packet since it went idle, and how many wait.
public struct Demand: WireMessage {
    /// The network's id.
    public let network: UInt32

    /// The packet's protocol number (6 TCP, 17 UDP).
    public let ipProtocol: UInt8

    /// Who sent it; the port is 0 where the protocol has none.
    public let source: Endpoint

    /// Where it goes, of the same family.
    public let target: Endpoint

    /// Packets of the network that are parked now, this one included.
    public let parked: UInt32

    /// `source` and `target` are of one family; `source`'s is sent.
    @_noAllocation @_noLocks
    public init(
        network: UInt32, ipProtocol: UInt8, source: Endpoint, target: Endpoint, parked: UInt32
    ) {
        self.network = network
        self.ipProtocol = ipProtocol
        self.source = source
        self.target = target
        self.parked = parked
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        network = reader.u32()
        let family = reader.family()
        ipProtocol = reader.u8()
        let sourcePort = reader.u16()
        let targetPort = reader.u16()
        reader.reserved16()
        let sourceAddress = reader.address(family)
        let targetAddress = reader.address(family)
        source = Endpoint(family: family, address: sourceAddress, port: sourcePort)
        target = Endpoint(family: family, address: targetAddress, port: targetPort)
        parked = reader.u32()
        guard reader.isComplete, network != Limits.networkAll else { return nil }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.demand, flags: 0, requestID: requestID)
        writer.put(network)
        writer.put(source.family.rawValue)
        writer.put(ipProtocol)
        writer.put(source.port)
        writer.put(target.port)
        writer.put(UInt16(0))
        writer.put(source.address)
        writer.put(target.address)
        writer.put(parked)
        writer.end()
    }
}
