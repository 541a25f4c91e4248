internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import Synchronization

/// Serves the API on its Unix socket until the service group ends it.
struct APIServer<Service: Operator>: ServiceLifecycle.Service {
    /// More connections than this are refused: each client of ours makes one and closes it.
    private static var connectionsMax: Int { 64 }

    /// A client that asks nothing for so long is closed. Requests may take longer.
    private static var idleTimeout: TimeAmount { .seconds(60) }

    let socket: APISocket
    let service: Service
    let logger: Logger
    private let whenServing: @Sendable () async -> Void

    /// `path` is `api.sock` in the runtime directory.
    init(
        path: String, service: Service, logger: Logger,
        whenServing: @escaping @Sendable () async -> Void = {}
    ) {
        self.whenServing = whenServing
        socket = APISocket(path: path)
        self.service = service
        self.logger = logger
    }

    func run() async throws {
        try await socket.prepare()
        let failure = Mutex<APISocket.Failure?>(nil)
        let application = Application(
            router: APIRouter.make(service),
            server: .limited(to: Self.connectionsMax, idle: Self.idleTimeout),
            configuration: ApplicationConfiguration(
                address: .unixDomainSocket(path: socket.bindPath), serverName: "dvpn",
                backlog: Self.connectionsMax,
                availableConnectionsDelegate: .maximum(
                    HTTPServerBuilder.acceptedMax(Self.connectionsMax), logger: logger)),
            onServerRunning: { channel in
                do throws(APISocket.Failure) {
                    try socket.publish()
                    await whenServing()
                } catch {
                    // Without its socket the server must not stay; the error is thrown below.
                    failure.withLock { $0 = error }
                    try? await channel.close()
                }
            },
            logger: quiet)
        try await application.run()
        if let failure = failure.withLock({ $0 }) { throw failure }
        socket.withdraw()
    }

    /// The server's own notes, such as the path that it has bound, say nothing to an operator.
    private var quiet: Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }
}
