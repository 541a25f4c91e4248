/// Where the files of one master are.
///
/// - `RUNTIME/ssh/` holds the sockets and nothing else. It belongs to the masters' user and, with
///   the set-group-ID bit, to the dataplane's group, which may pass through and connect.
/// - `RUNTIME/tunnel/` holds what the controlplane trusts: records, configuration, logs. It belongs
///   to us alone; a captured master or dataplane cannot make us signal a process of its choice.
struct SSHPaths: Equatable, Sendable {
    /// Longest path of a control socket: `sun_path` has 107 usable bytes, and ssh binds to the path
    /// with a dot and 16 random characters behind it before it renames it.
    static let controlBytesMax = 107 - 17
    /// Longest path of a dynamic forward's socket, as the dataplane takes it.
    static let forwardBytesMax = 100

    let runtime: String
    /// Twelve hexadecimal digits that stand for the tunnel's name in paths of bounded length; among
    /// 65,536 names two share them in one case of a hundred thousand.
    let label: String
    let id: UInt32

    init(runtime: String, tunnel: String, id: UInt32) {
        self.runtime = runtime
        label = Self.label(of: tunnel)
        self.id = id
    }

    /// The socket that speaks SOCKS5.
    var forward: String { "\(socketDirectory)/\(label)-\(id)" }
    /// The socket for `ssh -O`.
    var control: String { "\(socketDirectory)/\(label)-\(id).ctl" }
    var configuration: String { "\(recordDirectory)/\(label).conf" }
    var record: String { "\(recordDirectory)/\(label)-\(id).json" }
    var log: String { "\(recordDirectory)/\(label)-\(id).log" }
    var socketDirectory: String { Self.socketDirectory(runtime) }
    var recordDirectory: String { Self.recordDirectory(runtime) }

    static func socketDirectory(_ runtime: String) -> String { "\(runtime)/ssh" }
    static func recordDirectory(_ runtime: String) -> String { "\(runtime)/tunnel" }

    /// Why a runtime directory cannot hold masters' sockets, as a sentence, or nil.
    static func defect(ofRuntime runtime: String) -> String? {
        guard runtime.hasPrefix("/") else {
            return "the runtime directory must be an absolute path, not \"\(runtime)\""
        }
        let longest = SSHPaths(runtime: runtime, tunnel: "", id: .max)
        let excess = max(
            longest.control.utf8.count - controlBytesMax,
            longest.forward.utf8.count - forwardBytesMax)
        if excess > 0 {
            return "the runtime directory \(runtime) is \(excess) characters too long for sockets"
        }
        // The paths go through ssh's own parsers: colons separate, % and $ expand.
        let plain = runtime.utf8.allSatisfy { byte in
            (byte >= 0x30 && byte <= 0x39) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a)
                || "/._+=@,-".utf8.contains(byte)
        }
        return plain ? nil : "the runtime directory may hold letters, digits and /._+=@,- only"
    }

    static func label(of tunnel: String) -> String { StableHash.digits(12, of: tunnel) }
}
