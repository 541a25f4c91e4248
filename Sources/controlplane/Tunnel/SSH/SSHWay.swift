/// How masters are started: what not every ssh client can do.
struct SSHWay: Equatable, Sendable {
    let forward: SSHForward
    /// Whether AES-GCM is put before ssh's own ciphers, which OpenSSH has known how to do since 8.1
    /// (`Ciphers ^`).
    let hasAES: Bool

    /// The ways to try, the best one first.
    ///
    /// - Parameters:
    ///   - forced: the only forward to be had; nil: a Unix socket where ssh takes one.
    ///   - hasAES: whether the CPU has AES instructions.
    static func all(forced: SSHForward?, hasAES: Bool) -> [SSHWay] {
        (forced.map { [$0] } ?? [.socket, .loopback]).flatMap { forward in
            (hasAES ? [true, false] : [false]).map { SSHWay(forward: forward, hasAES: $0) }
        }
    }
}
