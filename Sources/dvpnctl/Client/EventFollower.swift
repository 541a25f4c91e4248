internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Reports

/// Follows events: one connection whose answer never ends. Lives on the connection's event loop.
final class EventFollower: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// More is no event of ours.
    private static let blockMax = 1 << 20

    private let target: String
    private let events: AsyncThrowingStream<EventReport, any Error>.Continuation
    private var status: UInt = 0
    private var buffer = ByteBuffer()

    init(
        _ target: String, _ events: AsyncThrowingStream<EventReport, any Error>.Continuation
    ) {
        self.target = target
        self.events = events
    }

    func channelActive(context: ChannelHandlerContext) {
        let headers: HTTPHeaders = ["Host": "dvpn", "Accept": "text/event-stream"]
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            status = head.status.code
        case .body(var part):
            buffer.writeBuffer(&part)
            guard status < 400 else { return }
            takeLines()
            if buffer.readableBytes > Self.blockMax { fail(HTTPExchange.Failure.tooLarge, context) }
        case .end:
            guard status >= 400 else { return fail(nil, context) }
            let body = buffer.readableBytesView
            let problem = try? ReportCoding.decode(ErrorReport.self, from: .init(body)).error
            fail(problem.map { ClientError.refused($0) } ?? HTTPExchange.Failure.closed, context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        events.finish(throwing: HTTPExchange.Failure.closed)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(error, context) }

    /// nil: the server has ended it, as it does after a while.
    private func fail(_ error: (any Error)?, _ context: ChannelHandlerContext) {
        events.finish(throwing: error)
        context.close(promise: nil)
    }

    /// Only lines of data matter: each is one event (`EventStream` of the server).
    private func takeLines() {
        while let end = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
            let length = end - buffer.readerIndex
            let line = buffer.readString(length: length) ?? ""
            buffer.moveReaderIndex(forwardBy: 1)
            guard line.hasPrefix("data: "),
                let event = try? ReportCoding.decode(
                    EventReport.self, from: .init(line.dropFirst("data: ".count).utf8))
            else { continue }
            events.yield(event)
        }
        buffer.discardReadBytes()
    }
}
