public import FoundationEssentials

/// Everything at a glance.
///
/// ```json
/// {"schema": 1, "version": "0.1.0", "pid": 4711, "since": "2026-01-02T03:04:05Z",
///  "dataplane": {"connected": true, "pid": 4712, "counters": {"accepted": 17}},
///  "networks": [{"name": "home", "state": "up", "since": "…", "reason": "…", "via": "ssh",
///    "gateway": "dvpn@203.0.113.7", "prefixes": ["10.1.2.0/24"], "masters": 1,
///    "connections": {"open": 2, "opening": 0, "parked": 0}, "idle_closes_at": "…",
///    "next_retry": "…", "last_error": {"code": "refused", "text": "…", "at": "…"}}],
///  "states": {"up": 1}, "connections": {"open": 2, "opening": 0, "parked": 0},
///  "health": [{"code": "…", "severity": "warning", "text": "…", "fix": "…"}]}
/// ```
public struct StatusReport: Codable, Hashable, Sendable {
    /// The process that carries the connections.
    public struct Dataplane: Codable, Hashable, Sendable {
        /// True while the controlplane hears it.
        public let connected: Bool
        /// Absent while it is not connected.
        public let pid: Int?
        /// By name; empty while it is not connected.
        public let counters: [String: UInt64]

        /// The dataplane at one moment.
        public init(connected: Bool, pid: Int? = nil, counters: [String: UInt64] = [:]) {
            self.connected = connected
            self.pid = pid
            self.counters = counters
        }
    }

    /// The promise that the report keeps: `ReportSchema`.
    public let schema: Int

    /// The controlplane's `Release`.
    public let version: String

    /// The controlplane's process and its start.
    public let pid: Int

    /// When the controlplane started.
    public let since: Date

    /// The process that carries the connections.
    public let dataplane: Dataplane

    /// In the order of the configuration; or only some, those that need a person first, where so
    /// many were asked for.
    public let networks: [NetworkReport]

    /// How many of all networks are in each state that any is in, by the state's word.
    public let states: [String: Int]

    /// What goes through all networks now.
    public let connections: NetworkReport.Connections

    /// Empty where all is well.
    public let health: [HealthReport]

    /// A report of this version and its schema.
    public init(
        pid: Int, since: Date, dataplane: Dataplane, networks: [NetworkReport],
        health: [HealthReport]
    ) {
        self.init(
            pid: pid, since: since, dataplane: dataplane,
            selection: NetworkSelection(all: networks), health: health)
    }

    /// The same with some of the networks.
    public init(
        pid: Int, since: Date, dataplane: Dataplane, selection: NetworkSelection,
        health: [HealthReport]
    ) {
        schema = ReportSchema.version
        version = Release.version
        self.pid = pid
        self.since = since
        self.dataplane = dataplane
        networks = selection.networks
        states = selection.states
        connections = selection.connections
        self.health = health
    }

    /// How many networks there are.
    public var networkCount: Int { states.values.reduce(0, +) }

    /// True where nothing needs a person and every network can be used or dialled now.
    public var isHealthy: Bool {
        dataplane.connected
            && [NetworkReport.State.locked, .holdoff].allSatisfy { states[$0.rawValue] == nil }
            && health.allSatisfy { $0.severity == .notice }
            && networks.allSatisfy { $0.asks == nil }
    }
}
