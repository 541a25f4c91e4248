internal import Protocol
internal import Reports

/// What the doctor looks at: the host as it is, and what dvpn wants of it.
struct DoctorFacts: Equatable, Sendable {
    /// A program that dvpn runs, or would.
    struct Tool: Equatable, Sendable {
        let name: String
        /// The Debian package that has it.
        let package: String
        /// What it is for, after "for".
        let purpose: String
        /// nil: it is not installed.
        let path: String?
    }

    /// A route that is not dvpn's.
    struct Route: Equatable, Sendable {
        let prefix: Prefix
        let device: String
        let table: String
    }

    /// A prefix of the configuration.
    struct Private: Equatable, Sendable {
        let network: String
        let prefix: Prefix
        /// The tunnel's own device; nil where it has none.
        let device: String?
    }

    var kernelRelease = ""
    var tools: [Tool] = []
    /// Interfaces of `lan`, and those that are there.
    var lan: [String] = []
    var interfaces: Set<String> = []
    /// Those of tunnels that are there.
    var devices: Set<String> = []
    /// Under /proc/sys/net.
    var settings: [String: String] = [:]
    var routes: [Route] = []
    var privates: [Private] = []
    var conntrack: MetricFacts.Conntrack?
    /// Seconds since 1970.
    var clock: Double = 0
    /// Whether something keeps the clock right; nil where that cannot be told.
    var isClockKept: Bool?
    /// nft's counters of dvpn's tables, by name: what was dropped.
    var drops: [String: UInt64] = [:]
    /// Whether a running controlplane has told this.
    var isRunning = true
    /// `host.json` is there although nothing runs.
    var hasLeftovers = false
    /// Tunnels that look well and are not, by network.
    var symptoms: [String: TunnelSymptom] = [:]
    /// What a running controlplane knows already.
    var health: [HealthReport] = []
    /// Networks that need a person, with why.
    var stuck: [NetworkReport] = []
}
