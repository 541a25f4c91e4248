import FoundationEssentials
import Reports
import Testing

@Suite("Reports as JSON")
struct ReportCodingTests {
    private static let time = Date(timeIntervalSince1970: 1_767_323_045)

    @Test("every key of a network that has everything")
    func network() throws {
        let network = NetworkReport(
            name: "home", state: .holdoff, since: Self.time, reason: "dial failed",
            lastError: NetworkReport.Failure(code: "refused", text: "no", at: Self.time),
            gateway: "a@b", via: "ssh", prefixes: ["fd00::/8"], nextRetry: Self.time + 30,
            idleClosesAt: Self.time + 60,
            connections: NetworkReport.Connections(open: 1, opening: 2, parked: 3), masters: 2)
        #expect(
            try json(network) == #"""
                {"connections":{"open":1,"opening":2,"parked":3},"gateway":"a@b",\#
                "idle_closes_at":"2026-01-02T03:05:05Z",\#
                "last_error":{"at":"2026-01-02T03:04:05Z","code":"refused","text":"no"},\#
                "masters":2,"name":"home","next_retry":"2026-01-02T03:04:35Z",\#
                "prefixes":["fd00::/8"],"reason":"dial failed",\#
                "since":"2026-01-02T03:04:05Z","state":"holdoff","via":"ssh"}
                """#)
        try roundTrip(network)
    }

    @Test("what is absent is no key at all")
    func absent() throws {
        let network = NetworkReport(
            name: "lab", state: .routed, since: Self.time, reason: "", via: "direct", prefixes: [],
            connections: NetworkReport.Connections(open: 0, opening: 0, parked: 0))
        let text = try json(network)
        #expect(!text.contains("null"))
        #expect(!text.contains("last_error"))
        #expect(!text.contains("masters"))
        try roundTrip(network)
    }

    @Test("the other reports name their schema")
    func others() throws {
        #expect(
            try json(ReloadReport(added: ["a"], removed: [], changed: ["b"], settings: ["lan"]))
                == #"{"added":["a"],"changed":["b"],"removed":[],"schema":1,"settings":["lan"]}"#)
        #expect(
            try json(ErrorReport(ErrorReport.Problem(code: "failed", text: "a/b", fix: "c")))
                == #"{"error":{"code":"failed","fix":"c","text":"a/b"},"schema":1}"#)
        #expect(try json(NetworksReport(networks: [])) == #"{"networks":[],"schema":1}"#)
        #expect(try json(ConnectionsReport(connections: [])) == #"{"connections":[],"schema":1}"#)
        #expect(
            try json(HealthReport(code: "x", severity: .warning, text: "t"))
                == #"{"code":"x","severity":"warning","text":"t"}"#)
    }

    @Test("keys that a later version adds are ignored")
    func later() throws {
        let text = #"{"schema":1,"networks":[],"later":{"a":[1]}}"#
        let report = try ReportCoding.decode(NetworksReport.self, from: Data(text.utf8))
        #expect(report == NetworksReport(networks: []))
    }

    @Test("health needs a connected dataplane, usable networks, and no warning")
    func health() {
        func report(
            connected: Bool = true, _ state: NetworkReport.State = .up,
            _ severity: HealthReport.Severity = .notice
        ) -> StatusReport {
            let network = NetworkReport(
                name: "home", state: state, since: Self.time, reason: "", via: "ssh", prefixes: [],
                connections: NetworkReport.Connections(open: 0, opening: 0, parked: 0))
            return StatusReport(
                pid: 1, since: Self.time, dataplane: StatusReport.Dataplane(connected: connected),
                networks: [network],
                health: [HealthReport(code: "x", severity: severity, text: "t")])
        }
        for state in NetworkReport.State.allCases {
            #expect(report(state).isHealthy == (state != .locked && state != .holdoff), "\(state)")
        }
        #expect(!report(connected: false).isHealthy)
        #expect(!report(.up, .warning).isHealthy)
        #expect(!report(.up, .error).isHealthy)
    }

    @Test("a name from a command line cannot leave its place in the path")
    func paths() {
        #expect(APIPath.network("home-1") == "/v1/networks/home-1")
        #expect(APIPath.network("../a b?c#d", .up) == "/v1/networks/..%2Fa%20b%3Fc%23d/up")
        #expect(
            APIPath.connections(of: "a&b=\u{1}ü") == "/v1/connections?network=a%26b%3D%01%C3%BC")
        #expect(APIPath.explain("h:1&x", tries: false) == "/v1/explain?target=h%3A1%26x")
        #expect(APIPath.explain("h:1", tries: true) == "/v1/explain/try?target=h%3A1")
    }

    private func json(_ report: some Encodable) throws -> String {
        String(decoding: try ReportCoding.encode(report), as: UTF8.self)
    }

    private func roundTrip<Report: Codable & Equatable>(_ report: Report) throws {
        #expect(try ReportCoding.decode(Report.self, from: ReportCoding.encode(report)) == report)
    }
}
