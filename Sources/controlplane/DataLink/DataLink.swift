internal import CLinux
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Protocol
internal import Synchronization

/// The link to the dataplane: connects, hands over the doorbell's queue and the raw socket, carries
/// messages, and connects again whenever it ends.
final class DataLink: Sendable {
    /// How long until the next try while nobody listens.
    private static let retryMs: Int64 = 100

    private let path: String
    private let group: any EventLoopGroup
    private let log: Logger
    private let deliver: @Sendable (LinkEvent) -> Void
    private let channel = Mutex<(any Channel)?>(nil)

    /// - Parameters:
    ///   - path: the dataplane's control socket.
    ///   - deliver: told, in order, what happens on the link.
    init(
        path: String, group: any EventLoopGroup, log: Logger,
        deliver: @escaping @Sendable (LinkEvent) -> Void
    ) {
        self.path = path
        self.group = group
        self.log = log
        self.deliver = deliver
    }

    /// Keeps the link up until the task is cancelled.
    func run() async {
        var complaint = ""
        while !Task.isCancelled {
            do {
                let made = try await connect()
                complaint = ""
                await withTaskCancellationHandler {
                    try? await made.closeFuture.get()
                } onCancel: {
                    made.close(promise: nil)
                }
                channel.withLock { $0 = nil }
            } catch {
                if complaint != "\(error)" {
                    complaint = "\(error)"
                    log.warning("no dataplane at \(path): \(complaint); trying on")
                }
            }
            try? await Task.sleep(for: .milliseconds(Self.retryMs))
        }
    }

    /// Queues messages in the order of the calls. They are lost with the link, which the next one's
    /// snapshot makes good.
    func post(_ messages: [Message], request: UInt32 = 0) {
        guard let channel = channel.withLock({ $0 }) else { return }
        for message in messages {
            channel.write(ByteBuffer(bytes: message.frame(requestID: request)), promise: nil)
        }
        channel.flush()
    }

    /// Ends the link, so that the next one starts with a fresh queue and a snapshot.
    func restart() {
        channel.withLock { $0 }?.close(promise: nil)
    }

    /// Hello, the queue and the raw socket go by sendmsg(2) before SwiftNIO takes the link's socket,
    /// since only that carries descriptors.
    private func connect() async throws -> any Channel {
        let socket = try Self.check(unsafe path.withCString { unsafe cl_connect($0) })
        do {
            try Self.send(socket, .hello(Hello()), [])
            let raw = try DoorbellQueues.openRawSocket()
            // Opened last: packets go to a queue from the moment it exists.
            let queues = try DoorbellQueues.open(1)
            defer { for queue in queues { _ = dp_close(queue) } }
            try Self.send(socket, .device(Device(queues: 1)), queues)
            if let raw { try Self.send(socket, .rawSocket(RawSocket()), [raw.raw]) }
        } catch {
            _ = dp_close(socket)
            throw error
        }
        let deliver = deliver
        return try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // Before anything can be read: the first frame is answered with the snapshot.
                    self.channel.withLock { $0 = channel }
                    try channel.pipeline.syncOperations.addHandler(LinkHandler(deliver: deliver))
                }
            }
            .withConnectedSocket(socket).get()
    }

    private static func send(
        _ socket: CInt, _ message: Message, _ descriptors: [CInt]
    ) throws {
        let bytes = message.frame(requestID: 0)
        _ = try check(
            unsafe cl_send(socket, bytes, bytes.count, descriptors, CInt(descriptors.count)))
    }

    private static func check(_ result: Int) throws(ProcessError) -> CInt {
        try ProcessError.check(CInt(truncatingIfNeeded: result), "talk to the dataplane")
    }
}
