/// What the metrics are made from: everything that a scrape has to know, taken at one moment.
struct MetricFacts: Equatable, Sendable {
    /// A tunnel that is not idle, or whose networks have connections.
    struct Tunnel: Equatable, Sendable {
        /// The first of its networks.
        let network: String
        let state: String
        let tally: TunnelTally
    }

    /// A network where something goes on.
    struct Active: Equatable, Sendable {
        let network: String
        let activity: NetworkActivity
    }

    /// The kernel's table of connections, of this network namespace.
    struct Conntrack: Equatable, Sendable {
        let entries: Int
        let limit: Int
    }

    var version = ""
    /// Seconds since 1970.
    var startedAt: Double = 0
    var isLinked = false
    var networksConfigured = 0
    private(set) var tunnels: [Tunnel] = []
    /// Tunnels that somebody has wanted since the controlplane's start, by state.
    private(set) var states: [String: Int] = [:]
    /// Of the dials of all tunnels, idle ones too.
    var tally = TunnelTally()
    var active: [Active] = []
    /// How long first packets waited, of those that do no more.
    var parkings = SecondsHistogram()
    /// Of the dataplane, by their names; empty while it is away.
    var counters: [String: UInt64] = [:]
    /// Connections that have ended, by how.
    var ended: [String: Int] = [:]
    /// What has become of queries for private names; nil where nobody brings them.
    var queries: QueryTally?
    /// By severity.
    var health: [String: Int] = [:]
    /// Times that others' changes to the host's network were put right.
    var repairs = 0
    /// nil where the kernel tracks nothing.
    var conntrack: Conntrack?

    /// Takes a tunnel: one that is idle and has no connections is a number, whatever it has been.
    ///
    /// - Parameter network: the first of its networks; asked for only where it matters.
    mutating func add(
        state: String, tally: TunnelTally, isInUse: Bool, network: @autoclosure () -> String
    ) {
        states[state, default: 0] += 1
        guard state != "idle" || isInUse else { return }
        tunnels.append(Tunnel(network: network(), state: state, tally: tally))
    }
}
