internal import Glibc

/// A conversation with a gateway in ssh's connection protocol, through an ssh master that has logged
/// in: the proxy mode of its control socket (PROTOCOL.mux of OpenSSH, MUX_C_PROXY).
///
/// ssh(1) itself asks for some things without wanting to hear whether it got them (agent
/// forwarding), and names no reasons for others. Here each question has its answer.
final class SSHProxy {
    /// The gateway or the master has ended the conversation, or says nothing for long.
    struct Lost: Error, Equatable {
        let isSilence: Bool
    }

    /// What came of a request to open a channel.
    enum Opening: Equatable, Sendable {
        case opened(peer: UInt32)
        case failed(code: UInt32, words: String)
        /// No answer in time: a connect(2) on the gateway that goes on waiting.
        case pending
    }

    /// What a command or shell did.
    struct Ran: Equatable, Sendable {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        /// nil: it ended by a signal, or did not say.
        var status: UInt32?
    }

    private let socket: CInt
    private var nextChannel: UInt32 = 0
    /// Channels whose late answers are nobody's.
    private var unread: [UInt8] = []

    /// - Parameter path: the master's control socket.
    init(path: String) throws(Lost) {
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard socket >= 0, bytes.count < 108 else { throw Lost(isSilence: false) }
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { field in
            unsafe field.copyBytes(from: bytes)
        }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        // SAFETY: a sockaddr_un begins like every sockaddr, and the length is its own.
        let result = unsafe withUnsafePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(socket, $0, length)
            }
        }
        guard result == 0 else { throw Lost(isSilence: false) }
        // MUX_MSG_HELLO of version 4, then MUX_C_PROXY; each is answered once.
        for words in [[1, 4], [0x1000_000f, 0]] as [[UInt32]] {
            var writer = SSHWriter()
            words.forEach { writer.number($0) }
            try send(writer.bytes)
            _ = try receive(seconds: 10)
        }
    }

    deinit {
        if socket >= 0 { close(socket) }
    }

    /// Opens a channel.
    func open(
        _ kind: String, extra: [UInt8] = [], seconds: Int = 10
    ) throws(Lost) -> (channel: UInt32, Opening) {
        let channel = nextChannel
        nextChannel += 1
        try send(SSHMessage.open(kind: kind, sender: channel, extra: extra).bytes)
        while true {
            do throws(Lost) {
                switch try next(seconds: seconds) {
                case .opened(channel, let peer): return (channel, .opened(peer: peer))
                case .openFailed(channel, let code, let words):
                    return (channel, .failed(code: code, words: words))
                default: continue
                }
            } catch {
                guard error.isSilence else { throw error }
                return (channel, .pending)
            }
        }
    }

    /// Asks for something on a session and says whether it was granted.
    func request(
        _ name: String, on channel: UInt32, peer: UInt32, extra: [UInt8] = []
    ) throws(Lost) -> Bool {
        try send(
            SSHMessage.request(channel: peer, name: name, wantsReply: true, extra: extra).bytes)
        while true {
            switch try next(seconds: 10) {
            case .success(channel): return true
            case .failure(channel), .close(channel): return false
            default: continue
            }
        }
    }

    /// Sends input and its end, and takes what comes until the channel is closed, or for so long.
    ///
    /// - Parameter enough: bytes of output that are awaited instead, without the input's end, at
    ///   which some servers would forget to answer.
    func converse(
        on channel: UInt32, peer: UInt32, input: [UInt8] = [], enough: Int? = nil,
        seconds: Int = 5
    ) throws(Lost) -> Ran {
        if !input.isEmpty { try send(SSHMessage.data(channel: peer, input).bytes) }
        if enough == nil { try send(SSHMessage.end(channel: peer).bytes) }
        var ran = Ran()
        do throws(Lost) {
            while true {
                switch try next(seconds: seconds) {
                case .data(channel, let bytes):
                    ran.output += bytes
                    if let enough, ran.output.count >= enough {
                        try hangUp(on: channel, peer: peer)
                        return ran
                    }
                case .extendedData(channel, let bytes): ran.errors += bytes
                case .request(channel, "exit-status", _, let extra):
                    var reader = SSHReader(extra[...])
                    ran.status = reader.number()
                case .close(channel):
                    try send(SSHMessage.close(channel: peer).bytes)
                    return ran
                default: continue
                }
            }
        } catch {
            guard error.isSilence else { throw error }
            try hangUp(on: channel, peer: peer)
            return ran
        }
    }

    /// Closes a channel and waits until the gateway has, too: it allows few sessions at a time.
    func hangUp(on channel: UInt32, peer: UInt32) throws(Lost) {
        try send(SSHMessage.close(channel: peer).bytes)
        do throws(Lost) {
            while try next(seconds: 3) != .close(channel: channel) {}
        } catch {
            guard error.isSilence else { throw error }
        }
    }

    private func next(seconds: Int) throws(Lost) -> SSHMessage {
        guard let message = SSHMessage(try receive(seconds: seconds)) else {
            throw Lost(isSilence: false)
        }
        return message
    }

    private func send(_ payload: [UInt8]) throws(Lost) {
        var writer = SSHWriter()
        writer.string(payload)
        var rest = writer.bytes[...]
        while !rest.isEmpty {
            // SAFETY: the buffer lives through the call and has the length that is given.
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.send(
                    socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Lost(isSilence: false) }
            rest = rest.dropFirst(count)
        }
    }

    /// The next frame, without its length.
    private func receive(seconds: Int) throws(Lost) -> [UInt8] {
        let deadline = Child.now() + seconds * 1_000
        while true {
            var reader = SSHReader(unread[...])
            if let frame = reader.string() {
                unread = Array(reader.rest)
                return frame
            }
            var state = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            let left = Int32(clamping: max(0, deadline - Child.now()))
            let ready = unsafe poll(&state, 1, left)
            if ready < 0 && errno == EINTR { continue }
            guard ready > 0 else { throw Lost(isSilence: true) }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe recv(socket, &chunk, chunk.count, 0)
            guard count > 0 else { throw Lost(isSilence: false) }
            unread += chunk[..<count]
        }
    }
}
