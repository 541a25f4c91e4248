internal import CLinux
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Protocol
internal import Synchronization

/// The links to the dataplane, one for each of its workers: connects, hands over a queue of the
/// doorbell, the raw socket and the shelf, carries messages, and connects again whenever one ends.
final class DataLink: Sendable {
    /// How long until the next try while nobody listens.
    private static let retryMs: Int64 = 100

    private let path: String
    private let group: any EventLoopGroup
    private let log: Logger
    private let shelf: ConnectionShelf
    private let deliver: @Sendable (LinkEvent) -> Void
    private let links = Mutex(Links())
    /// Why the last try failed; nil after one that did not.
    private let trouble = Mutex<LinkTrouble?>(nil)
    private let (losses, loss) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// The links of one dataplane process.
    private struct Links {
        var pid: UInt32?
        var workers = 1
        var channels: [Int: Line] = [:]

        var isWhole: Bool { channels.count >= workers }
    }

    /// A worker's link, and its socket, which is the channel's.
    private struct Line: Sendable {
        let channel: any Channel
        let socket: CInt
    }

    /// - Parameters:
    ///   - path: the dataplane's control socket.
    ///   - shelf: what the dataplanes leave for each other.
    ///   - deliver: told, in order, what happens on each link.
    init(
        path: String, group: any EventLoopGroup, log: Logger, shelf: ConnectionShelf,
        deliver: @escaping @Sendable (LinkEvent) -> Void
    ) {
        self.path = path
        self.group = group
        self.log = log
        self.shelf = shelf
        self.deliver = deliver
    }

    /// Keeps the links up until the task is cancelled.
    ///
    /// A worker that has a link accepts no other, and the next link is begun only after the last one
    /// was answered: there is never one more than workers, whose queue nobody would read.
    func run() async {
        log.notice(
            """
            limit: connections of a dataplane that ends are kept for \
            \(ShelfPatience.limitMs / 1_000) s, in \(ConnectionShelf.bytesMax >> 20) MiB
            """)
        await withTaskGroup { group in
            group.addTask { await self.keepUp() }
            group.addTask { await self.watchShelf() }
        }
        restart()
    }

    private func keepUp() async {
        while !Task.isCancelled {
            do {
                while !links.withLock({ $0.isWhole }) {
                    try await greet()
                    trouble.withLock { $0 = nil }
                }
                for await _ in losses { break }
            } catch {
                let new = error as? LinkTrouble ?? .refused("\(error)")
                let isNews = trouble.withLock { old in
                    defer { old = new }
                    return old != new
                }
                if isNews { log.record(.warning, .dataplaneAway, "\(new.text(path)); trying on") }
                if isNews, case .nobody = new { deliver(.nobody) }
            }
            try? await Task.sleep(for: .milliseconds(Self.retryMs))
        }
    }

    private func watchShelf() async {
        var patience = ShelfPatience()
        while (try? await Task.sleep(for: .milliseconds(ShelfPatience.lookMs))) != nil {
            guard patience.isOver(isEmpty: shelf.isEmpty, at: cl_boottime_ms()), shelf.clear()
            else { continue }
            let why = trouble.withLock { $0?.text(path) }
            let reason = why ?? "the one that is linked leaves them there"
            log.record(
                .warning, .shelfCleared,
                "nobody takes the last dataplane's connections over: they end (\(reason))")
        }
    }

    /// Queues messages for every worker, in the order of the calls, or for one. They are lost with
    /// its link, which the next one's snapshot makes good.
    func post(_ messages: [Message], request: UInt32 = 0, to worker: Int? = nil) {
        let channels = lines(of: worker).map(\.channel)
        guard !channels.isEmpty else { return }
        for message in messages {
            let bytes = ByteBuffer(bytes: message.frame(requestID: request))
            for channel in channels { channel.write(bytes, promise: nil) }
        }
        for channel in channels { channel.flush() }
    }

    /// The same of messages that may have a descriptor beside them.
    func post(_ messages: [(Message, Descriptor?)], to worker: Int? = nil) {
        let letters = messages.map { Letter(bytes: $0.frame(requestID: 0), descriptor: $1) }
        for line in lines(of: worker) {
            line.channel.eventLoop.execute { Self.pass(letters[...], line) }
        }
    }

    private struct Letter: Sendable {
        let bytes: [UInt8]
        let descriptor: Descriptor?
    }

    /// SwiftNIO carries no descriptors. On its own thread, and while it has nothing left to write,
    /// the socket may be written to beside it.
    private static func pass(_ letters: ArraySlice<Letter>, _ line: Line) {
        var left = letters
        while let letter = left.first, line.channel.isActive {
            let waiting = try? line.channel.syncOptions?.getOption(.bufferedWritableBytes)
            let descriptors = letter.descriptor.map { [$0.raw] } ?? []
            let sent =
                waiting == 0
                ? unsafe cl_send(
                    line.socket, letter.bytes, letter.bytes.count, descriptors,
                    CInt(descriptors.count)) : Int(DP_EAGAIN.rawValue)
            if sent == Int(DP_EAGAIN.rawValue) {
                let rest = left
                line.channel.eventLoop.scheduleTask(in: .milliseconds(2)) { pass(rest, line) }
                return
            }
            guard sent >= 0 else { return line.channel.close(promise: nil) }
            left = left.dropFirst()
        }
    }

    private func lines(of worker: Int?) -> [Line] {
        links.withLock { links in
            worker.map { [links.channels[$0]].compactMap(\.self) } ?? Array(links.channels.values)
        }
    }

    /// Ends the links, so that the next ones start with fresh queues and a snapshot.
    func restart() {
        for line in lines(of: nil) { line.channel.close(promise: nil) }
    }

    /// Makes one link more and waits until a worker has said hello.
    private func greet() async throws {
        let greeted = group.next().makePromise(of: DataplaneHello.self)
        let channel: any Channel
        do {
            channel = try await connect(greeted)
        } catch {
            greeted.fail(error)
            throw error
        }
        try await withTaskCancellationHandler {
            _ = try await greeted.futureResult.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    /// Hello and what has descriptors go by sendmsg(2) before SwiftNIO takes the link's socket,
    /// since only that carries descriptors.
    private func connect(_ greeted: EventLoopPromise<DataplaneHello>) async throws -> any Channel {
        let socket: CInt
        do {
            socket = try Self.check(unsafe path.withCString { unsafe cl_connect($0) })
        } catch {
            throw LinkTrouble.nobody("\(error)")
        }
        do {
            try Self.send(socket, .hello(Hello()), [])
            let raw = try DoorbellQueues.openRawSocket()
            // Opened last: packets go to a queue from the moment it exists.
            let queues = try DoorbellQueues.open(1)
            defer { for queue in queues { _ = dp_close(queue) } }
            try Self.send(socket, .device(Device(queues: 1)), queues)
            if let raw { try Self.send(socket, .rawSocket(RawSocket()), [raw.raw]) }
            try Self.send(socket, .shelf(Shelf()), shelf.descriptors)
        } catch {
            _ = dp_close(socket)
            throw error
        }
        return try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = LinkHandler(greeted: greeted) {
                        self.take($0, Line(channel: channel, socket: socket))
                    }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .withConnectedSocket(socket).get()
    }

    /// Keeps account of which worker has which link, before anybody hears of it: the answer to a
    /// hello is the snapshot.
    private func take(_ event: LinkEvent, _ line: Line) {
        switch event {
        case .connected(let hello):
            links.withLock { links in
                // What an earlier process had is gone, or is going.
                if links.pid != hello.pid { links = Links(pid: hello.pid) }
                links.workers = Int(hello.workers)
                links.channels[Int(hello.worker)] = line
            }
        case .message, .nobody:
            break
        case .disconnected(let worker, _):
            let isCurrent = links.withLock { links in
                guard links.channels[worker]?.channel === line.channel else { return false }
                links.channels[worker] = nil
                return true
            }
            // Another link has taken its place, and nothing is lost.
            guard isCurrent else { return }
            loss.yield()
        }
        deliver(event)
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
