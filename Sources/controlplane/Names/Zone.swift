internal import Protocol

/// What one network wants of names, as things stand now: made by `ZonePlan`.
struct Zone: Equatable, Sendable {
    /// How a query gets to the network's servers.
    enum Path: Sendable {
        /// Any packet goes through the tunnel: a query travels as it came, over UDP or TCP.
        case packets
        /// Connections only: every query travels as DNS over TCP.
        case connections
    }

    /// Whether the network's servers can be asked now.
    enum Reach: Sendable {
        /// Not yet: a query brings the tunnel up, and waits for it.
        case asleep
        case up
        /// In hold-off, locked or kept down: queries are answered SERVFAIL at once.
        case refusing
    }

    /// The name of the tunnel's gateway, where it lies within a private domain,
    /// this network's or another's.
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

    /// Private servers, all equally good. Empty: not learnt yet, which the tunnel changes, or none.
    let servers: [Nameserver]

    let gateway: Gateway?
    let path: Path
    let reach: Reach
}
