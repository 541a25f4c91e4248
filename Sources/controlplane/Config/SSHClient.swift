/// A tunnel through ssh, as it is configured.
struct SSHClient: Hashable, Sendable {
    /// How many connections an ssh process serves.
    enum Session: String, Hashable, Sendable, CaseIterable {
        /// One master serves all.
        case shared
        /// Each connection has an ssh of its own, which goes when it has ended.
        case perConnection = "per-connection"
    }

    /// What opens the connection on the gateway.
    enum FarEnd: String, Hashable, Sendable, CaseIterable {
        /// sshd itself (direct-tcpip of RFC 4254 section 7.2).
        case forward
        /// netcat, which sshd starts: for gateways that forward nothing.
        case netcat
    }

    var gateway: GatewayAddress

    /// Absolute paths of the private key and of the file with the gateway's host key.
    let identity: String
    let knownHosts: String

    let session: Session
    let farEnd: FarEnd

    /// Connections that one master carries before another is started.
    let connectionsPerMaster: Int
}
