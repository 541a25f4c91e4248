internal import FoundationEssentials
internal import Glibc

/// A program that we started and talk to: its standard input and output are one socket, which we
/// hold the other end of. The corresponding C function is `posix_spawnp`.
///
/// Not for two tasks at a time: everything waits.
final class Child {
    /// Where the child's standard error goes.
    enum Errors {
        /// To ours: the person reads it, or is asked something there.
        case shown
        /// To its output, for us to read.
        case read
    }

    /// How a child ended, and what it had said that was not read before.
    struct End {
        /// The exit status, or 128 and the number of the signal.
        let status: Int32
        let text: String
    }

    private let pid: pid_t
    private let socket: CInt
    private var unread: [UInt8] = []
    private var hasEnded: Int32?

    init(_ program: String, _ arguments: [String], errors: Errors = .shown) throws(ClientError) {
        var ends: [CInt] = [-1, -1]
        guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
            throw .here("cannot make a socket (errno \(errno))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        socket = ends[0]
        defer { close(ends[1]) }
        var actions = unsafe posix_spawn_file_actions_t()
        _ = unsafe posix_spawn_file_actions_init(&actions)
        defer { _ = unsafe posix_spawn_file_actions_destroy(&actions) }
        for target in errors == .read ? [0, 1, 2] : [0, 1] as [CInt] {
            _ = unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], target)
        }
        // SAFETY: strdup's copies live until the program has its own, and are freed.
        var words = unsafe ([program] + arguments).map { unsafe strdup($0) }
        unsafe words.append(nil)
        var environment = unsafe ProcessInfo.processInfo.environment.map {
            unsafe strdup("\($0.key)=\($0.value)")
        }
        unsafe environment.append(nil)
        defer { unsafe (words + environment).forEach { unsafe free($0) } }
        var pid: pid_t = 0
        let result = unsafe posix_spawnp(&pid, program, &actions, nil, words, environment)
        self.pid = pid
        guard result == 0 else {
            close(ends[0])
            throw .here("cannot start \(program) (errno \(result)); is it installed?")
        }
    }

    deinit {
        stop()
        close(socket)
    }

    /// Runs a program to its end. What it says to standard error is in the text, too.
    static func run(
        _ program: String, _ arguments: [String], seconds: Int = 30
    ) throws(ClientError) -> End {
        let child = try Child(program, arguments, errors: .read)
        return child.finish(seconds: seconds)
    }

    /// Writes to its standard input. One that does not listen any more is seen by its end.
    func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // SAFETY: the buffer lives through the call and has the length that is given.
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe send(
                    socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// The next line, without its end; nil when none comes any more, or not in time.
    func line(seconds: Int) -> String? {
        let deadline = Self.now() + seconds * 1_000
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: unread[..<end], as: UTF8.self)
                unread.removeFirst(end + 1)
                return line
            }
            guard read(until: deadline) else { return nil }
        }
    }

    /// Ends its input and waits for its end; one that takes longer is ended.
    func finish(seconds: Int) -> End {
        shutdown(socket, Int32(SHUT_WR))
        let deadline = Self.now() + seconds * 1_000
        while read(until: deadline) {}
        let status = wait(until: deadline)
        return End(status: status, text: String(decoding: unread, as: UTF8.self))
    }

    /// Whether it has ended.
    var isGone: Bool {
        poll()
        return hasEnded != nil
    }

    /// Ends it.
    func stop() {
        guard !isGone else { return }
        kill(pid, SIGTERM)
        _ = wait(until: Self.now() + 2_000)
    }

    /// Milliseconds of a clock that nobody sets.
    static func now() -> Int {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }

    /// Takes what there is to read; false at its end, or after the time.
    private func read(until deadline: Int) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            var state = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            let left = Int32(clamping: max(0, deadline - Self.now()))
            let ready = unsafe Glibc.poll(&state, 1, left)
            if ready < 0 && errno == EINTR { continue }
            guard ready > 0 else { return false }
            let count = unsafe recv(socket, &chunk, chunk.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            unread += chunk[..<count]
            return true
        }
    }

    private func wait(until deadline: Int) -> Int32 {
        while true {
            poll()
            if let hasEnded { return hasEnded }
            if Self.now() >= deadline { kill(pid, SIGKILL) }
            usleep(5_000)
        }
    }

    private func poll() {
        guard hasEnded == nil else { return }
        var status: Int32 = 0
        guard unsafe waitpid(pid, &status, WNOHANG) == pid else { return }
        let signal = status & 0x7f
        hasEnded = signal == 0 ? status >> 8 & 0xff : 128 + signal
    }
}
