/// All that makes an ssh tunnel. Networks with equal settings share one.
struct TunnelSettings: Hashable, Sendable {
    /// How many connections an ssh process serves.
    enum Session: Hashable, Sendable {
        /// One master serves all.
        case shared
    }

    /// What opens the connection on the gateway.
    enum FarEnd: Hashable, Sendable {
        /// sshd itself (direct-tcpip of RFC 4254 section 7.2).
        case forward
    }

    let gateway: GatewayAddress

    /// Without an open connection for this long the tunnel is closed, in milliseconds; nil: never.
    let idleMs: Int?

    /// Absolute paths of the private key and of the file with the gateway's host key.
    let identity: String
    let knownHosts: String

    let session: Session
    let farEnd: FarEnd

    /// Connections that one master carries before another is started.
    let connectionsPerMaster: Int

    /// What the tunnel is called in locks, records and socket paths: the same for equal settings, over
    /// restarts too, and another one for any others.
    var name: String {
        let all = [
            gateway.description, identity, knownHosts, idleMs.map(String.init) ?? "never",
            "\(session)", "\(farEnd)", "\(connectionsPerMaster)",
        ]
        // FNV-1a; the fields are kept apart by a byte that none of them has.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in all.joined(separator: "\0").utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return "\(gateway.host)-\(String(hash, radix: 16))"
    }
}
