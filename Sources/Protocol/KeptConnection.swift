/// A connection that a dataplane leaves on the shelf for the next one. Its descriptors come in the same
/// message: the client's; the far side's, where it is relayed; and for each direction with bytes on
/// the way the end of a pipe from which they are read, that towards the far side first.
///
/// It never travels on a link. Two versions of the dataplane meet here: a layout is never changed, and a
/// kind that the next one does not know costs the connections of its message.
public struct KeptConnection: WireMessage {
    /// How far it has come.
    public enum Phase: UInt8, CaseIterable, Sendable {
        /// Both sides are connected.
        case relayed = 1
        /// Its client is, and waits for a far side, which the next dataplane opens.
        case waiting = 2
    }

    /// Its tunnel's local socket.
    public enum Way: UInt8, CaseIterable, Sendable {
        /// It uses none.
        case direct = 0
        /// One that is offered to new connections, too.
        case offered = 1
        /// One that is offered no longer.
        case retired = 2
    }

    /// How far it has come.
    public let phase: Phase

    /// The network's id.
    public let network: UInt32

    /// The client.
    public let source: Endpoint

    /// Of the same family as `source`.
    public let target: Endpoint

    /// CLOCK_MONOTONIC in microseconds: when both sides were connected.
    public let openedAt: UInt64

    /// From the client's first packet (or accept) until the far side had answered, microseconds.
    public let connectMicros: UInt32

    /// From the client to the far side.
    public let out: KeptDirection

    /// From the far side to the client.
    public let back: KeptDirection

    /// Whether it goes by a local socket of a tunnel.
    public let way: Way

    /// That socket's name within its network; 0 for none.
    public let endpoint: UInt32

    /// Where that socket's tunnel client listens; an empty path for none.
    public let socket: LocalSocket

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(
        phase: Phase, network: UInt32, source: Endpoint, target: Endpoint, openedAt: UInt64,
        connectMicros: UInt32, out: KeptDirection, back: KeptDirection, way: Way, endpoint: UInt32,
        socket: LocalSocket
    ) {
        self.phase = phase
        self.network = network
        self.source = source
        self.target = target
        self.openedAt = openedAt
        self.connectMicros = connectMicros
        self.out = out
        self.back = back
        self.way = way
        self.endpoint = endpoint
        self.socket = socket
    }

    /// Descriptors that belong to it.
    public var descriptors: Int {
        @_noAllocation @_noLocks get {
            switch phase {
            case .relayed: 2 + (out.level > 0 ? 1 : 0) + (back.level > 0 ? 1 : 0)
            case .waiting: 1
            }
        }
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        openedAt = reader.u64()
        connectMicros = reader.u32()
        network = reader.u32()
        let family = reader.family()
        let phase = Self.phase(reader.u8())
        let way = Self.way(reader.u8())
        let kind = reader.u8()
        endpoint = reader.u32()
        let sourceAddress = reader.address(family)
        source = Endpoint(family: family, address: sourceAddress, port: reader.u16())
        let targetAddress = reader.address(family)
        target = Endpoint(family: family, address: targetAddress, port: reader.u16())
        guard let out = KeptDirection(decoding: &reader),
            let back = KeptDirection(decoding: &reader)
        else { return nil }
        let length = Int(reader.u16())
        reader.reserved16()
        guard let phase, let way, !reader.failed, network != Limits.networkAll,
            let socket = LocalSocket(decoding: &reader, kind: kind, length: length),
            reader.isComplete, (way == .direct) == (length == 0)
        else { return nil }
        self.phase = phase
        self.way = way
        self.out = out
        self.back = back
        self.socket = socket
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.keptConnection, flags: 0, requestID: requestID)
        writer.put(openedAt)
        writer.put(connectMicros)
        writer.put(network)
        writer.put(source.family.rawValue)
        writer.put(phase.rawValue)
        writer.put(way.rawValue)
        writer.put(socket.kind)
        writer.put(endpoint)
        writer.put(source.address)
        writer.put(source.port)
        writer.put(target.address)
        writer.put(target.port)
        out.encode(into: &writer)
        back.encode(into: &writer)
        writer.put(UInt16(truncatingIfNeeded: socket.length))
        writer.put(UInt16(0))
        socket.encode(into: &writer)
        writer.end()
    }

    @_noAllocation @_noLocks
    private static func phase(_ wire: UInt8) -> Phase? {
        switch wire {
        case 1: .relayed
        case 2: .waiting
        default: nil
        }
    }

    @_noAllocation @_noLocks
    private static func way(_ wire: UInt8) -> Way? {
        switch wire {
        case 0: .direct
        case 1: .offered
        case 2: .retired
        default: nil
        }
    }
}
