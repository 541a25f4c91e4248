internal import Protocol

/// What one network wants of names: made by the supervisor from the configuration, from what a
/// concentrator pushed and from the network's state.
struct Zone: Equatable, Sendable {
    /// How a query gets to the network's servers.
    enum Path: Sendable {
        /// Any packet goes through the tunnel: dnsmasq asks the servers itself.
        case packets
        /// Connections only: our forwarder carries queries as DNS over TCP.
        case forwarder
    }

    /// The name of the tunnel's gateway, where it lies within a private domain.
    struct Gateway: Equatable, Sendable {
        let name: String
        /// The address that worked last, as text.
        let lastGood: String?
    }

    let network: String

    /// Such as `corp.example`: lower case, no dots at the ends. No two zones share one; where they
    /// do, the first has it.
    let domains: [String]

    /// Addresses whose names the servers know.
    let prefixes: [Prefix]

    /// Private servers, all equally good. Empty: not learnt yet; queries are held until they are.
    let servers: [Nameserver]

    let gateway: Gateway?
    let path: Path

    /// The network is in hold-off or locked: queries are answered SERVFAIL at once.
    let isRefusing: Bool

    init(
        network: String, domains: [String], prefixes: [Prefix], servers: [Nameserver],
        gateway: Gateway? = nil, path: Path, isRefusing: Bool = false
    ) {
        self.network = network
        self.domains = domains
        self.prefixes = prefixes
        self.servers = servers
        self.gateway = gateway
        self.path = path
        self.isRefusing = isRefusing
    }

    /// Where dnsmasq sends this zone's queries.
    func targets(forwarder: Nameserver) -> [Nameserver] {
        switch path {
        case .packets: isRefusing || servers.isEmpty ? [forwarder] : servers
        case .forwarder: [forwarder]
        }
    }
}
