import Hummingbird
import Logging
import NIOCore
import NIOEmbedded

/// Asks a router without a server. HummingbirdTesting would do, but brings a whole HTTP client with TLS along.
struct RouterClient {
    let responder: RouterResponder<BasicRequestContext>

    init(_ router: Router<BasicRequestContext>) {
        responder = router.buildResponder()
    }

    /// The answer to one request, with its whole body.
    func ask(
        _ method: HTTPRequest.Method, _ uri: String, body: ByteBuffer = ByteBuffer()
    ) async throws -> (response: Response, body: ByteBuffer) {
        var head = HTTPRequest(method: method, scheme: "http", authority: "dvpn", path: uri)
        head.headerFields[.contentLength] = "\(body.readableBytes)"
        let source = ApplicationRequestContextSource(
            channel: EmbeddedChannel(), logger: Logger(label: "test"))
        let response = try await responder.respond(
            to: Request(head: head, body: RequestBody(buffer: body)),
            context: BasicRequestContext(source: source))
        let writer = Collector()
        try await response.body.write(writer)
        return (response, writer.bytes)
    }
}

/// Keeps what a response writes.
private final class Collector: ResponseBodyWriter {
    var bytes = ByteBuffer()
    func write(_ buffer: ByteBuffer) async throws { bytes.writeImmutableBuffer(buffer) }
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
