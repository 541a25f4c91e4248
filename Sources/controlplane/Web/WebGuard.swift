internal import HTTPTypes
internal import Hummingbird
internal import Reports

/// Lets pass what `WebGate` lets pass, and says to the others what they lack.
struct WebGuard<Context: RequestContext>: RouterMiddleware {
    let gate: WebGate

    func handle(
        _ request: Request, context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        func header(_ name: String) -> String? {
            HTTPField.Name(name).flatMap { request.headers[$0] }
        }
        let question = WebGate.Question(
            host: request.head.authority, origin: header("Origin"),
            fetchSite: header("Sec-Fetch-Site"), authorization: request.headers[.authorization],
            isReading: request.method == .get || request.method == .head)
        switch gate.judge(question) {
        case .pass:
            return try await next(request, context)
        case .wrongHost:
            throw OperatorError(
                .forbidden, "this is not a name of dvpn's page",
                fix: "use \(gate.hosts.sorted().joined(separator: " or "))")
        case .wrongOrigin:
            throw OperatorError(.forbidden, "another page may not do this")
        case .noToken:
            return try refused("a token is needed")
        case .wrongToken:
            // Guessing is slow, and nothing else is.
            try await Task.sleep(for: .seconds(1))
            return try refused("this is not the token")
        }
    }

    private func refused(_ text: String) throws -> Response {
        let error = OperatorError(
            .unauthorized, text,
            fix: "it is what `token` in [web] names; a browser takes it as password")
        var response = try APIRouter.response(error.report, status: error.httpStatus)
        response.headers[.wwwAuthenticate] = "Basic realm=\"dvpn\", charset=\"UTF-8\""
        return response
    }
}
