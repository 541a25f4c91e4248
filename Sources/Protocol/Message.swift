/// Any message as a value: for the controlplane, its tests and tools, which may allocate.
///
/// The dataplane does not use it: it decodes the kinds that it takes, one by one.
public enum Message: Equatable, Sendable {
    case hello(Hello)
    case device(Device)
    case rawSocket(RawSocket)
    case shelf(Shelf)
    case tableBegin(TableBegin)
    case filterChunk(FilterChunk)
    case networkChunk([NetworkSettings])
    case prefixChunk([PrefixEntry])
    case tableCommit(TableCommit)
    case networkState(NetworkState)
    case endpoint(EndpointUpdate)
    case tunnelLost(TunnelLost)
    case forward(ForwardUpdate)
    case tablePatch(TablePatch)
    case ping(Ping)
    case listConnections(ListConnections)
    case kill(Kill)
    case statisticsRequest(StatisticsRequest)
    case dataplaneHello(DataplaneHello)
    case reply(Reply)
    case demand(Demand)
    case activity(Activity)
    case capacity(Capacity)
    case endpointFailed(EndpointFailed)
    case connection(ConnectionRecord)
    case keptConnection(KeptConnection)
    case keptSYN(KeptSYN)
    case pong(Pong)
    case listEnd(ListEnd)
    case statistics(Statistics)

    /// Its number on the wire.
    public var kind: Kind {
        switch self {
        case .hello: .hello
        case .device: .device
        case .rawSocket: .rawSocket
        case .shelf: .shelf
        case .tableBegin: .tableBegin
        case .filterChunk: .filterChunk
        case .networkChunk: .networkChunk
        case .prefixChunk: .prefixChunk
        case .tableCommit: .tableCommit
        case .networkState: .networkState
        case .endpoint: .endpoint
        case .tunnelLost: .tunnelLost
        case .forward: .forward
        case .tablePatch: .tablePatch
        case .ping: .ping
        case .listConnections: .listConnections
        case .kill: .kill
        case .statisticsRequest: .statisticsRequest
        case .dataplaneHello: .dataplaneHello
        case .reply: .reply
        case .demand: .demand
        case .activity: .activity
        case .capacity: .capacity
        case .endpointFailed: .endpointFailed
        case .connection: .connection
        case .keptConnection: .keptConnection
        case .keptSYN: .keptSYN
        case .pong: .pong
        case .listEnd: .listEnd
        case .statistics: .statistics
        }
    }
}
