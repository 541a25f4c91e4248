internal import Hummingbird
internal import Logging
internal import Reports

/// Turns whatever a handler throws into an `ErrorReport`, so that every answer is JSON.
struct APIErrors<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as OperatorError {
            var response = try APIRouter.response(error.report, status: error.httpStatus)
            if let seconds = error.retryAfter { response.headers[.retryAfter] = "\(seconds)" }
            return response
        } catch let error as HTTPError where error.status == .notFound {
            return try missing(request)
        } catch let error as any HTTPResponseError {
            let text = "\(error.status.code) \(error.status.reasonPhrase)"
            let code: ProblemCode = error.status == .contentTooLarge ? .tooLarge : .badRequest
            let report = OperatorError(code, text).report
            return try APIRouter.response(report, status: error.status)
        } catch {
            context.logger.error("a request failed: \(error)")
            let failure = OperatorError(.failed, "the request failed: \(error)")
            return try APIRouter.response(failure.report, status: failure.httpStatus)
        }
    }

    private func missing(_ request: Request) throws -> Response {
        let text = "there is no \(request.method.rawValue) \(request.uri.path)"
        let methods = APIRoute.methods(at: request.uri.path)
        guard !methods.isEmpty else {
            return try APIRouter.response(OperatorError(.notFound, text).report, status: .notFound)
        }
        let error = OperatorError(.notAllowed, text)
        var response = try APIRouter.response(error.report, status: error.httpStatus)
        response.headers[.allow] = methods.map(\.rawValue).joined(separator: ", ")
        return response
    }
}
