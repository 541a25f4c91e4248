import FoundationEssentials
import Reports
import Synchronization

@testable import controlplane

/// An operator with two networks that notes what was asked of it.
final class FakeOperator: Operator {
    static let since = Date(timeIntervalSince1970: 1_767_323_045)

    let events = EventHistory()

    private let log = Mutex<[String]>([])

    /// What was asked, in order.
    var calls: [String] { log.withLock { $0 } }

    func status(limit: Int?) async -> StatusReport {
        note(limit.map { "status \($0)" } ?? "status")
        return StatusReport(
            pid: 7, since: Self.since,
            dataplane: StatusReport.Dataplane(connected: true, pid: 8, counters: ["accepted": 3]),
            networks: [Self.network("home", .up), Self.network("work", .locked)], health: [])
    }

    func network(_ name: String) async throws(OperatorError) -> NetworkReport {
        note("network \(name)")
        try require(name)
        return Self.network(name, name == "work" ? .locked : .up)
    }

    func networks(limit: Int?) async -> [NetworkReport] {
        note(limit.map { "networks \($0)" } ?? "networks")
        return [Self.network("home", .up), Self.network("work", .locked)]
    }

    func networks(beginning start: String, limit: Int?) async -> [NetworkReport] {
        note("networks \(start)… \(limit.map(String.init) ?? "-")")
        return [Self.network("home", .up)]
    }

    func notable(
        _ search: NetworkSearch, limit: Int
    ) async -> (networks: [NetworkReport], all: Int) {
        (await networks(), 2)
    }

    func summaries(of names: [String]?) async -> [NetworkReport] {
        [Self.network("home", .up), Self.network("work", .locked)]
            .filter { names?.contains($0.name) ?? true }
    }

    func health() async -> [HealthReport] {
        [
            HealthReport(
                code: "dataplane-away", severity: .error, text: "it is away", fix: "start it")
        ]
    }

    func metrics() async -> [Metric] {
        [Metric("dvpn_dataplane_linked", .gauge, "1 while the dataplane is connected.", 1)]
    }

    func doctor() async -> DoctorReport {
        DoctorReport(checks: [.init("running", .ok, "dvpn is running")])
    }

    func explain(_ target: String, tries: Bool) async throws(OperatorError) -> ExplainReport {
        note("explain \(target) \(tries)")
        return ExplainReport(target: target, steps: [.init("try", .ok, "t", from: "f")])
    }

    func up(_ name: String) async throws(OperatorError) -> NetworkReport {
        note("up \(name)")
        try require(name)
        if name == "work" { throw OperatorError(.locked, "work is locked", fix: "unlock it") }
        return Self.network(name, .up)
    }

    func down(_ name: String) async throws(OperatorError) -> NetworkReport {
        note("down \(name)")
        try require(name)
        return Self.network(name, .draining)
    }

    func unlock(_ name: String) async throws(OperatorError) -> NetworkReport {
        note("unlock \(name)")
        try require(name)
        return Self.network(name, .idle)
    }

    func release(_ name: String) async throws(OperatorError) -> NetworkReport {
        note("release \(name)")
        try require(name)
        return Self.network(name, .released)
    }

    func resume(_ name: String) async throws(OperatorError) -> NetworkReport {
        note("resume \(name)")
        try require(name)
        if name == "work" { throw OperatorError(.notReleased, "work is not released") }
        return Self.network(name, .idle)
    }

    func parked(network: String?) async throws(OperatorError) -> [ParkedReport.Network] {
        note("parked \(network ?? "-")")
        if let network { try require(network) }
        return [
            ParkedReport.Network(
                network: "home", state: .dialling, reason: "because", packets: 2,
                first: "tcp 192.0.2.1:5 → 10.1.2.3:80", since: Self.since, holdMs: 30_000,
                asks: "Password", questions: 1, names: ["www.home.example"])
        ]
    }

    func configurationReport() async -> ConfigurationReport {
        note("configuration")
        return ConfigurationReport(
            files: ["/etc/dvpn/dvpn.toml"], lan: ["eth1"], masquerade: false, holdMs: 30_000,
            limits: .init(connections: 1, halfOpen: 2, halfOpenPerSource: 3),
            dns: .init(mode: "none", host: "none", listen: ["10.0.0.1"], port: 53, upstream: []),
            web: .init(listen: "127.0.0.1:9876", tls: false, token: "credential web"),
            networks: [
                .init(
                    name: "home", source: "/etc/dvpn/dvpn.toml:1:1", prefixes: ["10.1.2.0/24"],
                    via: "command", program: "/bin/vpn", gateway: "vpn.example",
                    connect: "truthful", idleMs: 1, holdMs: 30_000, device: "dv-home",
                    domains: ["corp.example"], nameServers: [], secrets: ["password": "ask"],
                    released: true)
            ],
            maps: [.init(file: "/etc/hosts", source: "/etc/dvpn/dvpn.toml:9:1", networks: 2)],
            forwards: [.init(listen: "127.0.0.1:1", to: "10.1.2.3:2", network: "home")],
            notices: ["n"])
    }

    func refuse(_ name: String) async throws(OperatorError) -> NetworkReport {
        note("refuse \(name)")
        try require(name)
        return Self.network(name, .idle)
    }

    func provide(_ secret: String, to name: String) async throws(OperatorError) -> NetworkReport {
        note("provide \(secret) \(name)")
        try require(name)
        if name == "work" { throw OperatorError(.notAsked, "work asks for nothing now") }
        return Self.network(name, .up)
    }

    func connections(network: String?) async throws(OperatorError) -> [ConnectionReport] {
        note("connections \(network ?? "-")")
        if let network { try require(network) }
        return [
            ConnectionReport(
                id: "18446744073709551615", network: "home", source: "192.0.2.1:5",
                target: "10.1.2.3:80", connectUs: 1_100, ageMs: 5, bytesIn: 6, bytesOut: 7)
        ]
    }

    func kill(connection id: String) async throws(OperatorError) -> ConnectionReport {
        note("kill \(id)")
        let found = try await connections(network: nil).first { $0.id == id }
        guard let found else { throw OperatorError(.unknownConnection, "there is no connection") }
        return found
    }

    func changes() async throws(OperatorError) -> ReloadReport {
        note("changes")
        return ReloadReport(added: ["lab"], removed: [], changed: ["home"], settings: ["lan"])
    }

    func check() async -> ConfigurationCheck {
        ConfigurationCheck(
            at: Self.since,
            result: .success(ReloadReport(added: [], removed: [], changed: [], settings: [])))
    }

    func reload() async throws(OperatorError) -> ReloadReport {
        note("reload")
        throw OperatorError(.configuration, "dvpn.toml:1:1: error: no\n1 error\n")
    }

    private func note(_ call: String) {
        log.withLock { $0.append(call) }
    }

    private func require(_ name: String) throws(OperatorError) {
        guard ["home", "work"].contains(name) else { throw .unknownNetwork(name) }
    }

    static func network(_ name: String, _ state: NetworkReport.State) -> NetworkReport {
        NetworkReport(
            name: name, state: state, since: since, reason: "because",
            gateway: "dvpn@203.0.113.7", via: "ssh", prefixes: ["10.1.2.0/24"],
            connections: NetworkReport.Connections(open: 1, opening: 0, parked: 0), masters: 1)
    }
}
