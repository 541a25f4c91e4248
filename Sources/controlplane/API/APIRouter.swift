internal import HTTPTypes
internal import Hummingbird
internal import Reports

/// From requests to the operator's functions and back. It holds no state of its own.
enum APIRouter {
    /// Every `APIRoute` and the page, with JSON for every error.
    ///
    /// - Parameter gate: who may ask; nil where the socket's mode has decided that.
    static func make(
        _ service: some Operator, gate: WebGate? = nil
    ) -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: APIErrors())
        if let gate { router.add(middleware: WebGuard(gate: gate)) }
        router.add(middleware: RequestLimits())
        for route in APIRoute.allCases {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                try await answer(route, request, context.parameters, service)
            }
        }
        PageRouter.add(to: router, service)
        return router
    }

    private static func answer(
        _ route: APIRoute, _ request: Request, _ parts: Parameters, _ service: some Operator
    ) async throws -> Response {
        let query = request.uri.queryParameters
        func item(_ name: String) -> String? { query[Substring(name)].map(String.init) }
        func name() throws -> String { try parts.require("name", as: String.self) }
        func one(_ network: NetworkReport) throws -> Response {
            try response(NetworksReport(networks: [network]))
        }
        switch route {
        case .status:
            return try response(await service.status(limit: try limit(item)))
        case .networks:
            let limit = try limit(item)
            guard let start = item(APIPath.beginsQuery) else {
                return try response(NetworksReport(networks: await service.networks(limit: limit)))
            }
            let found = await service.networks(beginning: start, limit: limit)
            return try response(NetworksReport(networks: found))
        case .network:
            return try one(try await service.network(try name()))
        case .up:
            return try one(try await service.up(try name()))
        case .down:
            return try one(try await service.down(try name()))
        case .unlock:
            return try one(try await service.unlock(try name()))
        case .release:
            return try one(try await service.release(try name()))
        case .resume:
            return try one(try await service.resume(try name()))
        case .refuse:
            return try one(try await service.refuse(try name()))
        case .secret:
            return try one(try await service.provide(try await request.text(), to: try name()))
        case .connections:
            let found = try await service.connections(network: item(APIPath.networkQuery))
            return try response(ConnectionsReport(connections: found))
        case .kill:
            let id = try parts.require("id", as: String.self)
            let killed = try await service.kill(connection: id)
            return try response(ConnectionsReport(connections: [killed]))
        case .parked:
            let parked = try await service.parked(network: item(APIPath.networkQuery))
            return try response(ParkedReport(parked: parked))
        case .health:
            return try response(FindingsReport(health: await service.health()))
        case .configuration:
            return try response(await service.configurationReport())
        case .changes:
            return try response(await service.changes())
        case .reload:
            return try response(await service.reload())
        case .events:
            let events = service.events.events(after: try after(request) ?? 0)
            return try response(EventsReport(events: events))
        case .eventStream:
            return try EventStream.response(service.events, after: try after(request))
        case .explain:
            // Else a page of somebody else's could have a browser dial by showing an image.
            guard item(APIPath.tryQuery) ?? "0" == "0" else {
                throw OperatorError(
                    .badRequest, "nothing is tried by GET",
                    fix: "POST \(APIPath.explainTry)?\(APIPath.targetQuery)=HOST:PORT")
            }
            return try response(try await service.explain(try target(item), tries: false))
        case .explainTry:
            return try response(try await service.explain(try target(item), tries: true))
        case .doctor:
            return try response(await service.doctor())
        case .openAPI:
            return text(OpenAPI.text, "application/json")
        case .metrics:
            return text(MetricText.render(await service.metrics()), MetricText.contentType)
        }
    }

    private static func limit(_ item: (String) -> String?) throws(OperatorError) -> Int? {
        guard let text = item(APIPath.limitQuery) else { return nil }
        guard let limit = UInt64(text) else {
            throw OperatorError(.badRequest, "\"\(text.prefix(40))\" is not a number of networks")
        }
        return Int(clamping: limit)
    }

    private static func target(
        _ item: (String) -> String?
    ) throws(OperatorError) -> String {
        guard let target = item(APIPath.targetQuery), !target.isEmpty else {
            throw OperatorError(.badRequest, "`\(APIPath.targetQuery)` is missing")
        }
        return target
    }

    private static func text(_ text: String, _ type: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
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
        let header = HTTPField.Name(APIPath.afterHeader).flatMap { request.headers[$0] }
        var after: UInt64?
        for text in [query, header].compactMap(\.self) {
            guard let id = UInt64(text) else {
                throw OperatorError(.badRequest, "\"\(text.prefix(40))\" is not an event's number")
            }
            after = id
        }
        return after
    }
}

extension OperatorError {
    static func unknownNetwork(_ name: String) -> OperatorError {
        OperatorError(
            .unknownNetwork, "no network is called \"\(name)\"",
            fix: "`dvpnctl status` lists the networks")
    }
}
