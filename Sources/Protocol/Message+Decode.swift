/// What became of a well framed body.
public enum DecodedMessage: Equatable, Sendable {
    case message(Message)
    /// A kind that this version does not know: skip it and count it.
    case unknown(kind: UInt16)
    /// Close the link.
    case malformed(Kind)
}

extension Message {
    /// Decodes the body that `FrameReader.next()` gave for `header`.
    public static func decode(_ header: FrameHeader, _ body: BodyReader) -> DecodedMessage {
        guard let kind = header.knownKind else { return .unknown(kind: header.kind) }
        var reader = body
        guard let message = decode(kind, &reader) else { return .malformed(kind) }
        return .message(message)
    }

    private static func decode(_ kind: Kind, _ reader: inout BodyReader) -> Message? {
        switch kind {
        case .hello: Hello(decoding: &reader).map(Message.hello)
        case .device: Device(decoding: &reader).map(Message.device)
        case .rawSocket: RawSocket(decoding: &reader).map(Message.rawSocket)
        case .shelf: Shelf(decoding: &reader).map(Message.shelf)
        case .tableBegin: TableBegin(decoding: &reader).map(Message.tableBegin)
        case .filterChunk: FilterChunk(decoding: &reader).map(Message.filterChunk)
        case .networkChunk: networks(&reader).map(Message.networkChunk)
        case .prefixChunk: prefixes(&reader).map(Message.prefixChunk)
        case .tableCommit: TableCommit(decoding: &reader).map(Message.tableCommit)
        case .networkState: NetworkState(decoding: &reader).map(Message.networkState)
        case .endpoint: EndpointUpdate(decoding: &reader).map(Message.endpoint)
        case .tunnelLost: TunnelLost(decoding: &reader).map(Message.tunnelLost)
        case .forward: ForwardUpdate(decoding: &reader).map(Message.forward)
        case .tablePatch: TablePatch(decoding: &reader).map(Message.tablePatch)
        case .ping: Ping(decoding: &reader).map(Message.ping)
        case .listConnections: ListConnections(decoding: &reader).map(Message.listConnections)
        case .kill: Kill(decoding: &reader).map(Message.kill)
        case .statisticsRequest:
            StatisticsRequest(decoding: &reader).map(Message.statisticsRequest)
        case .dataplaneHello: DataplaneHello(decoding: &reader).map(Message.dataplaneHello)
        case .reply: Reply(decoding: &reader).map(Message.reply)
        case .demand: Demand(decoding: &reader).map(Message.demand)
        case .activity: Activity(decoding: &reader).map(Message.activity)
        case .capacity: Capacity(decoding: &reader).map(Message.capacity)
        case .endpointFailed: EndpointFailed(decoding: &reader).map(Message.endpointFailed)
        case .connection: ConnectionRecord(decoding: &reader).map(Message.connection)
        case .keptConnection: KeptConnection(decoding: &reader).map(Message.keptConnection)
        case .keptSYN: KeptSYN(decoding: &reader).map(Message.keptSYN)
        case .pong: Pong(decoding: &reader).map(Message.pong)
        case .listEnd: ListEnd(decoding: &reader).map(Message.listEnd)
        case .statistics: Statistics(decoding: &reader).map(Message.statistics)
        }
    }

    private static func networks(_ reader: inout BodyReader) -> [NetworkSettings]? {
        guard
            let chunk = ChunkHeader(decoding: &reader, itemLength: Limits.networkLength)
        else { return nil }
        var items: [NetworkSettings] = []
        items.reserveCapacity(chunk.count)
        for _ in 0..<chunk.count {
            guard let item = NetworkSettings(decoding: &reader) else { return nil }
            items.append(item)
        }
        return items
    }

    private static func prefixes(_ reader: inout BodyReader) -> [PrefixEntry]? {
        guard
            let chunk = ChunkHeader(decoding: &reader, itemLength: Limits.prefixLength)
        else { return nil }
        var items: [PrefixEntry] = []
        items.reserveCapacity(chunk.count)
        for _ in 0..<chunk.count {
            guard let item = PrefixEntry(decoding: &reader) else { return nil }
            items.append(item)
        }
        return items
    }
}
