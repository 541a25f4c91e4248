/// A network's ssh gateway as the configuration has it, whether dvpn runs or not: what
/// `dvpn-controlplane --gateways` prints and `dvpnctl gateway` works with.
public struct GatewayReport: Codable, Hashable, Sendable {
    /// The network's name.
    public let network: String

    /// The account on the gateway.
    public let user: String

    /// A name, or an address without brackets.
    public let host: String

    /// 1...65535.
    public let port: Int

    /// Path of the private key.
    public let identity: String

    /// Path of the file with the gateway's host key.
    public let knownHosts: String

    /// The network's prefixes, such as `10.1.2.0/24`.
    public let prefixes: [String]

    /// What opens connections on the gateway: `forward` or `netcat`.
    public let farEnd: String

    /// A gateway of one network.
    public init(
        network: String, user: String, host: String, port: Int, identity: String,
        knownHosts: String, prefixes: [String], farEnd: String
    ) {
        self.network = network
        self.user = user
        self.host = host
        self.port = port
        self.identity = identity
        self.knownHosts = knownHosts
        self.prefixes = prefixes
        self.farEnd = farEnd
    }

    private enum CodingKeys: String, CodingKey {
        case network, user, host, port, identity, prefixes
        case knownHosts = "known_hosts"
        case farEnd = "far_end"
    }
}

/// The gateways that a name stands for: one network's, or those of all networks behind one host.
public struct GatewaysReport: Codable, Hashable, Sendable {
    /// The promise that the report keeps: `ReportSchema`.
    public let schema: Int

    /// In the order of the configuration.
    public let gateways: [GatewayReport]

    /// A report of this version's schema.
    public init(gateways: [GatewayReport]) {
        schema = ReportSchema.version
        self.gateways = gateways
    }
}
