internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// One request and its answer on one connection. Lives on the connection's event loop.
final class HTTPExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// The whole answer.
    struct Answer: Sendable {
        let status: UInt
        let body: Data
    }

    enum Failure: Error {
        case timeout
        /// The other end closed before the answer was whole.
        case closed
        case tooLarge
    }

    /// 65,536 networks with all their details are about 30 MB.
    static let bodyLengthMax = 256 << 20

    private let request: HTTPRequestHead
    private let content: String?
    private let promise: EventLoopPromise<Answer>
    private var status: UInt = 0
    private var body = Data()

    init(
        _ method: HTTPMethod, _ target: String, _ content: String?,
        _ promise: EventLoopPromise<Answer>
    ) {
        // A Host is required by RFC 9112; a socket has none worth telling.
        var headers: HTTPHeaders = [
            "Host": "dvpn", "Accept": "application/json", "Connection": "close",
        ]
        if let content { headers.add(name: "Content-Length", value: "\(content.utf8.count)") }
        request = HTTPRequestHead(
            version: .http1_1, method: method, uri: target, headers: headers)
        self.content = content
        self.promise = promise
    }

    func channelActive(context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(request)), promise: nil)
        if let content {
            let body = IOData.byteBuffer(ByteBuffer(string: content))
            context.write(wrapOutboundOut(.body(body)), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            status = head.status.code
        case .body(let part):
            guard body.count + part.readableBytes <= Self.bodyLengthMax else {
                promise.fail(Failure.tooLarge)
                context.close(promise: nil)
                return
            }
            body.append(contentsOf: part.readableBytesView)
        case .end:
            promise.succeed(Answer(status: status, body: body))
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Has no effect where the answer is whole.
        promise.fail(Failure.closed)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }
}
