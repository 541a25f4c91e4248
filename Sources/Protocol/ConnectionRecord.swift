/// One connection, when it closed, or as an item of a list.
public struct ConnectionRecord: WireMessage {
    /// Why the record is sent.
    public enum Phase: UInt8, CaseIterable, Sendable {
        /// Both sides are connected.
        case opened = 1
        /// It is over, or never came about: `result` says why.
        case closed = 2
        /// It was asked for by a `ListConnections`.
        case listed = 3
    }

    /// How it ended.
    public enum Result: UInt8, CaseIterable, Sendable {
        /// Both sides finished; also the value while it is open.
        case ok = 0
        case resetByClient = 1
        case resetByFarSide = 2
        case refused = 3
        case unreachable = 4
        case timedOut = 5
        /// By a `Kill`.
        case killed = 6
        /// A limit on connections was reached.
        case limit = 7
    }

    /// Names the connection as long as the dataplane lives; never used again. 0 for one that never
    /// came about. Its bits 24 to 31 are the worker's number.
    public let id: UInt64

    /// The network's id.
    public let network: UInt32

    /// Why this record is sent.
    public let phase: Phase

    /// How it ended.
    public let result: Result

    /// The client.
    public let source: Endpoint

    /// Of the same family as `source`.
    public let target: Endpoint

    /// From the client's first packet (or accept) until the far side had answered, microseconds.
    public let connectMicros: UInt32

    /// From the accept until now or the end, milliseconds.
    public let ageMillis: UInt64

    /// Bytes that came from the far side.
    public let bytesIn: UInt64

    /// Bytes that the client sent.
    public let bytesOut: UInt64

    /// `source` and `target` are of one family; `source`'s is sent.
    @_noAllocation @_noLocks
    public init(
        id: UInt64, network: UInt32, phase: Phase, result: Result, source: Endpoint,
        target: Endpoint, connectMicros: UInt32, ageMillis: UInt64, bytesIn: UInt64,
        bytesOut: UInt64
    ) {
        self.id = id
        self.network = network
        self.phase = phase
        self.result = result
        self.source = source
        self.target = target
        self.connectMicros = connectMicros
        self.ageMillis = ageMillis
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        id = reader.u64()
        network = reader.u32()
        let family = reader.family()
        let phase = ConnectionRecord.phase(reader.u8())
        let result = ConnectionRecord.result(reader.u8())
        reader.reserved8()
        let sourceAddress = reader.address(family)
        source = Endpoint(family: family, address: sourceAddress, port: reader.u16())
        let targetAddress = reader.address(family)
        target = Endpoint(family: family, address: targetAddress, port: reader.u16())
        connectMicros = reader.u32()
        ageMillis = reader.u64()
        bytesIn = reader.u64()
        bytesOut = reader.u64()
        guard let phase, let result, reader.isComplete, network != Limits.networkAll else {
            return nil
        }
        self.phase = phase
        self.result = result
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.connection, flags: 0, requestID: requestID)
        writer.put(id)
        writer.put(network)
        writer.put(source.family.rawValue)
        writer.put(phase.rawValue)
        writer.put(result.rawValue)
        writer.put(UInt8(0))
        writer.put(source.address)
        writer.put(source.port)
        writer.put(target.address)
        writer.put(target.port)
        writer.put(connectMicros)
        writer.put(ageMillis)
        writer.put(bytesIn)
        writer.put(bytesOut)
        writer.end()
    }

    @_noAllocation @_noLocks
    private static func phase(_ wire: UInt8) -> Phase? {
        switch wire {
        case 1: .opened
        case 2: .closed
        case 3: .listed
        default: nil
        }
    }

    @_noAllocation @_noLocks
    private static func result(_ wire: UInt8) -> Result? {
        switch wire {
        case 0: .ok
        case 1: .resetByClient
        case 2: .resetByFarSide
        case 3: .refused
        case 4: .unreachable
        case 5: .timedOut
        case 6: .killed
        case 7: .limit
        default: nil
        }
    }
}
