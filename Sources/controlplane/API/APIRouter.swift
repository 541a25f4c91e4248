internal import HTTPTypes
internal import Hummingbird
internal import Reports

/// From requests to the operator's functions and back. It holds no state of its own.
enum APIRouter {
    /// The routes of `APIPath`, with JSON for every error.
    ///
    /// - Parameter gate: who may ask; nil where the socket's mode has decided that.
    static func make(
        _ service: some Operator, gate: WebGate? = nil
    ) -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: APIErrors())
        if let gate { router.add(middleware: WebGuard(gate: gate)) }
        router.add(middleware: RequestLimits())
        router.get(RouterPath(APIPath.status)) { _, _ in
            try response(await service.status())
        }
        router.get(RouterPath(APIPath.networks)) { _, _ in
            try response(NetworksReport(networks: await service.networks()))
        }
        router.get("\(APIPath.networks)/:name") { _, context in
            let name = try name(context)
            let network = try await service.network(name)
            return try response(NetworksReport(networks: [network]))
        }
        for verb in APIPath.Verb.allCases {
            router.post("\(APIPath.networks)/:name/\(verb.rawValue)") { _, context in
                let name = try name(context)
                let network =
                    switch verb {
                    case .up: try await service.up(name)
                    case .down: try await service.down(name)
                    case .unlock: try await service.unlock(name)
                    case .refuse: try await service.refuse(name)
                    }
                return try response(NetworksReport(networks: [network]))
            }
        }
        router.post("\(APIPath.networks)/:name/\(APIPath.secretWord)") { request, context in
            let name = try name(context)
            let body = try await request.body.collect(upTo: APIPath.bodyLengthMax)
            let network = try await service.provide(String(buffer: body), to: name)
            return try response(NetworksReport(networks: [network]))
        }
        router.get(RouterPath(APIPath.connections)) { request, _ in
            let network = request.uri.queryParameters[Substring(APIPath.networkQuery)]
            let connections = try await service.connections(network: network.map(String.init))
            return try response(ConnectionsReport(connections: connections))
        }
        router.post("\(APIPath.connections)/:id/\(APIPath.killWord)") { _, context in
            let id = try context.parameters.require("id", as: String.self)
            let killed = try await service.kill(connection: id)
            return try response(ConnectionsReport(connections: [killed]))
        }
        router.get(RouterPath(APIPath.events)) { request, _ in
            let events = service.events.events(after: try after(request) ?? 0)
            return try response(EventsReport(events: events))
        }
        router.get(RouterPath(APIPath.eventStream)) { request, _ in
            try EventStream.response(service.events, after: try after(request))
        }
        router.get(RouterPath(APIPath.doctor)) { _, _ in
            try response(await service.doctor())
        }
        router.get(RouterPath(APIPath.explain)) { request, _ in
            let items = request.uri.queryParameters
            guard let target = items[Substring(APIPath.targetQuery)] else {
                throw OperatorError(.badRequest, "`\(APIPath.targetQuery)` is missing")
            }
            let tries = items[Substring(APIPath.tryQuery)] == "1"
            return try response(await service.explain(String(target), tries: tries))
        }
        router.get(RouterPath(APIPath.metrics)) { _, _ in
            let text = MetricText.render(await service.metrics())
            return Response(
                status: .ok,
                headers: [.contentType: MetricText.contentType, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        }
        router.post(RouterPath(APIPath.reload)) { _, _ in
            try response(await service.reload())
        }
        PageRouter.add(to: router, service)
        return router
    }

    /// A report as an answer.
    static func response(
        _ report: some Encodable, status: HTTPResponse.Status = .ok
    ) throws -> Response {
        let bytes = try ReportCoding.encode(report)
        return Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// After which event to begin: what an EventSource that comes again has in its header.
    private static func after(_ request: Request) throws(OperatorError) -> UInt64? {
        let query = request.uri.queryParameters[Substring(APIPath.afterQuery)].map(String.init)
        let header = HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }
        guard let text = header ?? query else { return nil }
        guard let id = UInt64(text) else {
            throw OperatorError(.badRequest, "\"\(text.prefix(40))\" is not an event's number")
        }
        return id
    }

    private static func name(_ context: BasicRequestContext) throws -> String {
        try context.parameters.require("name", as: String.self)
    }
}

extension OperatorError {
    static func unknownNetwork(_ name: String) -> OperatorError {
        OperatorError(
            .unknownNetwork, "no network is called \"\(name)\"",
            fix: "`dvpnctl status` lists the networks")
    }
}
