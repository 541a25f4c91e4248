import Glibc
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// A server on a Unix socket that gives every request the same answer and keeps what was asked.
final class CannedServer: Sendable {
    let path: String

    private let channel: any Channel
    private let received: Received

    /// All that clients have sent.
    var request: String { received.text.withLock { $0 } }

    /// Answers with bytes as they are; an empty answer is silence, or a mere close.
    init(_ answer: String, closes: Bool) async throws {
        let received = Received()
        path = try Self.temporaryDirectory() + "/api.sock"
        self.received = received
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        CannedAnswer(answer, closes: closes, received))
                }
            }
            .bind(unixDomainSocketPath: path).get()
    }

    func end() async {
        try? await channel.close()
        _ = unsafe unlink(path)
        _ = unsafe rmdir(String(path.dropLast("/api.sock".count)))
    }

    static func temporaryDirectory() throws -> String {
        var template = Array("/tmp/dvpnctl-XXXXXX".utf8CString)
        try #require(unsafe mkdtemp(&template) != nil)
        return String(
            decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

private final class Received: Sendable {
    let text = Mutex("")
}

private final class CannedAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: String
    private let closes: Bool
    private let received: Received
    private var request = ""

    init(_ answer: String, closes: Bool, _ received: Received) {
        self.answer = answer
        self.closes = closes
        self.received = received
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let text = String(buffer: unwrapInboundIn(data))
        received.text.withLock { $0 += text }
        request += text
        guard request.hasSuffix("\r\n\r\n") else { return }
        if !answer.isEmpty {
            let buffer = context.channel.allocator.buffer(string: answer)
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        }
        if closes { context.close(promise: nil) }
    }
}
