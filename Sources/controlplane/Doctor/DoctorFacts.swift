internal import Protocol
internal import Reports

/// What the doctor looks at: the host as it is, and what dvpn wants of it.
struct DoctorFacts: Equatable, Sendable {
    /// A program that dvpn runs, or would.
    struct Tool: Equatable, Sendable {
        let name: String
        /// The Debian package that has it; nil for a program of a person's own.
        let package: String?
        /// What it is for, after "for".
        let purpose: String
        /// nil: it is not installed.
        var path: String?
        /// nil: it does not tell.
        var version: ToolVersion?
        /// The oldest one that can do what dvpn asks of it, where that is known.
        var oldest: ToolVersion?
    }

    /// Something that the kernel must be able to do.
    struct Feature: Equatable, Sendable {
        enum State: Equatable, Sendable {
            case there
            /// With the kernel's or the tool's own words.
            case missing(String)
            /// It could not be tried; with the reason.
            case unknown(String)
        }

        let name: String
        /// What it is for, after "for".
        let purpose: String
        /// What a person can do where it is missing.
        let fix: String
        let state: State
    }

    /// A question for a private name, as this host's own programs ask it.
    struct NameAsked: Equatable, Sendable {
        let domain: String
        /// By which function or program.
        let by: String
        /// As the LAN's hosts ask it, instead.
        let isLAN: Bool
        /// nil: there was none.
        let answer: String?
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
    var features: [Feature] = []
    /// It is there and switched on.
    var hasIPv6 = true
    /// Whom this host's own programs ask, as text.
    var nameservers: [String] = []
    var namesAsked: [NameAsked] = []
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
    /// Of a configuration that cannot be read: nothing is known of networks then.
    var mistakes: [ConfigError] = []
    /// What an earlier life left on this host, as nothing runs: by name or number.
    var leftovers: [String] = []
    /// Tunnels that look well and are not, by network.
    var symptoms: [String: TunnelSymptom] = [:]
    /// Networks that a person took down.
    var heldDown: [String] = []
    /// What dials that wait for a person ask, by network.
    var asking: [String: String] = [:]
    /// What a running controlplane knows already.
    var health: [HealthReport] = []
    /// Networks that need a person, with why.
    var stuck: [NetworkReport] = []

    /// Whether a running controlplane has found this.
    func knows(_ code: HostFinding.Code) -> Bool { health.contains { $0.code == code.rawValue } }
}
