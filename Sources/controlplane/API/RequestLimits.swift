internal import Hummingbird
internal import Reports

/// Refuses requests beyond what any request of ours needs, before a handler sees them.
struct RequestLimits<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let target = request.uri.string
        guard target.utf8.count <= APIPath.lengthMax else {
            throw OperatorError(.tooLarge, "the path is longer than \(APIPath.lengthMax) bytes")
        }
        // A body of unknown length is not read at all, so that its size cannot matter.
        let length = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard length <= APIPath.bodyLengthMax else {
            throw OperatorError(
                .tooLarge, "the body is larger than \(APIPath.bodyLengthMax) bytes")
        }
        return try await next(request, context)
    }
}

extension Request {
    /// The body, of at most `APIPath.bodyLengthMax` bytes.
    func text() async throws -> String {
        do {
            return String(buffer: try await body.collect(upTo: APIPath.bodyLengthMax))
        } catch let error as any HTTPResponseError {
            throw error
        } catch {
            // Such as chunks that are none.
            throw OperatorError(.badRequest, "the body cannot be read: \(error)")
        }
    }
}
