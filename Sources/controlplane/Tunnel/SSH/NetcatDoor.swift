internal import CLinux
internal import Glibc
internal import Synchronization

/// The local socket of a master whose gateway opens connections by netcat. Speaks SOCKS5 with the
/// dataplane, and then the dataplane's socket becomes standard input and output of
/// `ssh -S … nc ADDRESS PORT`: no byte passes through here, and connections outlive us.
///
/// netcat says nothing when it is connected, so the request is granted before it is tried: a
/// refusal comes as a reset. Only netcat's status tells an end from a loss, which the dataplane sees
/// as a shutdown or a mere close; without us it is a close.
actor NetcatDoor {
    /// What the master's tunnel hears.
    enum News: Sendable {
        /// The gateway could not connect, in netcat's words.
        case refused(String)
        /// The gateway grants this master no more sessions than so many.
        case full(sessions: Int)
        /// Lines that explain nothing that we know.
        case said([String])
    }

    private let paths: SSHPaths
    private let gateway: String
    private let host: SSHHost
    private let report: @Sendable (News) -> Void
    /// Any master of the same tunnel, for what this one has no session for.
    private let another: @Sendable () async -> SSHPaths?
    private let listener: Descriptor
    /// Connections that stand or are tried, and those of them that no session was granted yet.
    private var connections = 0
    private var refused = 0
    private var isShut = false

    /// Makes the socket. Its directory decides who may connect.
    init(
        paths: SSHPaths, gateway: String, host: SSHHost,
        another: @escaping @Sendable () async -> SSHPaths?,
        report: @escaping @Sendable (News) -> Void
    ) throws(ProcessError) {
        self.paths = paths
        self.gateway = gateway
        self.host = host
        self.another = another
        self.report = report
        AtomicFile.remove(paths.forward)
        let kind =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            | Int32(SOCK_NONBLOCK.rawValue)
        listener = Descriptor(
            adopting: try ProcessError.check(Glibc.socket(AF_UNIX, kind, 0), "make a socket"))
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(paths.forward.utf8)
        precondition(bytes.count < 108, "the runtime directory was checked")
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        // SAFETY: a sockaddr_un begins like every sockaddr, and the length is its own.
        let result = unsafe withUnsafePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(listener.raw, $0, length)
            }
        }
        guard result == 0, unsafe chmod(paths.forward, 0o660) == 0, listen(listener.raw, 4_096) == 0
        else { throw ProcessError(attempt: "listen at \(paths.forward)", code: errno) }
    }

    /// Begins to accept.
    func open() {
        watch()
    }

    /// No new connection from now on; those that stand go on.
    func shut() {
        isShut = true
        // Wakes the watcher, which then lets go of the descriptor. 2 is SHUT_RDWR, which Glibc's
        // module does not always show.
        shutdown(listener.raw, 2)
    }

    private func watch() {
        try? host.watcher.whenReadable(listener) { [weak self] in
            Task { await self?.accept() }
        }
    }

    private func watchLater() {
        Task {
            try? await Task.sleep(for: Self.pause)
            accept()
        }
    }

    private func accept() {
        guard !isShut else { return }
        while true {
            let raw = Glibc.accept(listener.raw, nil, nil)
            if raw < 0 && errno == EINTR { continue }
            // Without a descriptor for it, who knocks stays in the queue, and would wake us at once.
            if raw < 0 && errno != EAGAIN { return watchLater() }
            guard raw >= 0 else { break }
            _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
            let socket = Descriptor(adopting: raw)
            try? host.watcher.whenReadable(socket) { [weak self] in
                Task { await self?.serve(socket) }
            }
        }
        watch()
    }

    /// What the dataplane asks for came in one piece; anything else is hung up on.
    private func serve(_ socket: Descriptor) async {
        var bytes = [UInt8](repeating: 0, count: SocksRequest.bytesMax + 1)
        let count = unsafe recv(socket.raw, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        guard count > 0, let target = SocksRequest(Array(bytes[..<count])) else { return }
        let answer = SocksRequest.opened
        guard
            unsafe send(socket.raw, answer, answer.count, Int32(MSG_NOSIGNAL))
                == answer.count
        else { return }
        if await carry(target, socket) { await end(socket) }
    }

    /// One connection, until netcat has ended; true where both sides have ended in order.
    private func carry(_ target: SocksRequest, _ socket: Descriptor) async -> Bool {
        connections += 1
        defer { connections -= 1 }
        var isRefused = false
        defer { if isRefused { refused -= 1 } }
        var master = paths
        // A session that was refused has taken nothing from the connection: it can be tried again.
        for _ in 0..<Self.triesMax {
            guard let (exit, words) = await netcat(target, socket, master) else { return false }
            guard words.contains("Session open refused by peer") else {
                tell(words)
                return exit == .status(0)
            }
            if !isRefused {
                isRefused = true
                refused += 1
            }
            report(.full(sessions: connections - refused))
            try? await Task.sleep(for: Self.retry)
            master = await another() ?? paths
        }
        return false
    }

    /// For what may be had again by then: descriptors, memory.
    private static let pause = Duration.milliseconds(100)
    private static let triesMax = 100
    private static let retry = Duration.milliseconds(300)

    /// How netcat ended, and what was said beside the connection; nil where it could not be started.
    private func netcat(
        _ target: SocksRequest, _ socket: Descriptor, _ master: SSHPaths
    ) async -> (ProcessExit, String)? {
        do throws(ProcessError) {
            let errors = Descriptor(
                adopting: try ProcessError.check(
                    unsafe dvpn_memory_file("errors"), "make a memory file"))
            var launch = host.launch(SSHCommand.netcat(master, gateway: gateway, target))
            launch.input = socket
            launch.output = socket
            launch.errors = errors
            launch.fileBytesMax = 65_536
            launch.isHangupBlocked = true
            let process = try launch.start(watcher: host.watcher)
            let exit = await process.wait() ?? .unknown
            let words = LogFile.read(errors, at: 0, bytesMax: 65_536)
            return (exit, String(decoding: words, as: UTF8.self))
        } catch {
            report(.said([error.description]))
            return nil
        }
    }

    private func tell(_ words: String) {
        var others: [String] = []
        for line in OutputRule.lines(words) {
            if line.hasPrefix("nc: "), let colon = line.lastIndex(of: ":") {
                report(.refused(String(line[line.index(after: colon)...].drop { $0 == " " })))
            } else if !line.hasPrefix("Could not chdir") {
                others.append(line)
            }
        }
        if !others.isEmpty { report(.said(others)) }
    }

    /// A shutdown is an end, a close a loss. The socket stays until the client has ended, too.
    private func end(_ socket: Descriptor) async {
        shutdown(socket.raw, Int32(SHUT_WR))
        await withCheckedContinuation { continuation in
            drain(socket) { continuation.resume() }
        }
    }

    private nonisolated func drain(_ socket: Descriptor, _ done: @escaping @Sendable () -> Void) {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(
                socket.raw, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            if count > 0 || (count < 0 && errno == EINTR) { continue }
            guard count < 0, errno == EAGAIN,
                (try? host.watcher.whenReadable(socket, { self.drain(socket, done) })) != nil
            else { return done() }
            return
        }
    }
}
