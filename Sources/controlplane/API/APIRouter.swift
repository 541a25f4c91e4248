internal import Hummingbird
internal import Reports

/// From requests to the operator's functions and back. It holds no state of its own.
enum APIRouter {
    /// The routes of `APIPath`, with JSON for every error.
    static func make(_ service: some Operator) -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: APIErrors())
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
        router.post(RouterPath(APIPath.reload)) { _, _ in
            try response(await service.reload())
        }
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
