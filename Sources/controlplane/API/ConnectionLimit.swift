internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import Reports
internal import Synchronization

/// A server for so many connections at once. Whoever comes beyond them is told so and when to come
/// again, before a word of his is read, rather than left waiting for an answer that may never come.
struct LimitedChannel: ServerChildChannel {
    let base: HTTP1Channel
    let places: Places

    /// How many connections there are, and how many there may be.
    final class Places: Sendable {
        private let taken = Mutex(0)
        private let limit: Int

        init(_ limit: Int) { self.limit = limit }

        func take() -> Bool {
            taken.withLock { taken in
                guard taken < limit else { return false }
                taken += 1
                return true
            }
        }

        func leave() { taken.withLock { $0 -= 1 } }
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        if places.take() {
            let places = places
            channel.closeFuture.whenComplete { _ in places.leave() }
        } else {
            do {
                try channel.pipeline.syncOperations.addHandler(RefusalHandler())
            } catch {
                return channel.eventLoop.makeFailedFuture(error)
            }
        }
        return base.setup(channel: channel, logger: logger)
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}

extension HTTPServerBuilder {
    /// HTTP/1.1 for so many connections at once.
    ///
    /// - Parameter idle: a client that does not finish its request for so long is closed.
    static func limited(to connections: Int, idle: TimeAmount) -> HTTPServerBuilder {
        let places = LimitedChannel.Places(connections)
        return HTTPServerBuilder { responder in
            LimitedChannel(
                base: HTTP1Channel(responder: responder, configuration: .init(idleTimeout: idle)),
                places: places)
        }
    }

    /// What the server accepts for `limited`: beyond the limit only to refuse, and not without end.
    static func acceptedMax(_ connections: Int) -> Int { connections + 512 }
}

/// Answers 503 to a client that has not been heard, and closes when he has had time to read it.
private final class RefusalHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Closed while something of his is unread, the connection would be reset, and the answer lost: so
    /// his request is awaited, but not for ever.
    private static let patience = TimeAmount.seconds(5)

    /// From his request to the end: for what comes of it in a second packet.
    private static let grace = TimeAmount.milliseconds(50)

    private static let answer: String = {
        let error = OperatorError(
            .unavailable, "too many connections at once", fix: "close some of them, or come later")
        let body = (try? ReportCoding.encode(error.report)).map {
            String(decoding: $0, as: UTF8.self)
        }
        return """
            HTTP/1.1 503 Service Unavailable\r
            Content-Type: application/json\r
            Content-Length: \(body?.utf8.count ?? 0)\r
            Retry-After: 5\r
            Connection: close\r
            \r
            \(body ?? "")
            """
    }()

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: Self.answer)), promise: nil)
        context.close(mode: .output, promise: nil)
        close(context.channel, in: Self.patience)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        close(context.channel, in: Self.grace)
    }

    private func close(_ channel: any Channel, in time: TimeAmount) {
        channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { context.close(promise: nil) }
    }
}
