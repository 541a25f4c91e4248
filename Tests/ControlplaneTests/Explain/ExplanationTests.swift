import Protocol
import Reports
import Testing

@testable import controlplane

@Suite struct ExplanationTests {
    private static func report(
        _ state: NetworkReport.State, lastError: NetworkReport.Failure? = nil,
        heldDown: Bool? = nil,
        asks: String? = nil
    ) -> NetworkReport {
        NetworkReport(
            name: "home", state: state, since: FakeOperator.since, reason: "demand",
            lastError: lastError, gateway: "dvpn@203.0.113.7", via: "ssh",
            prefixes: ["10.1.2.0/24"],
            connections: .init(open: 0, opening: 0, parked: 0), asks: asks, heldDown: heldDown)
    }

    /// A name in a private domain whose network is idle.
    private static func facts(_ change: (inout ExplainFacts) -> Void = { _ in }) -> ExplainFacts {
        var facts = ExplainFacts()
        facts.host = "www.home.example"
        facts.port = 80
        facts.isName = true
        facts.domain = .init(domain: "home.example", network: "home", source: "dvpn.toml:3:1")
        facts.nameservers = ["127.0.0.1"]
        facts.address = "10.1.2.10"
        facts.prefix = Prefix(listed: "10.1.2.0/24", .ipv4)
        facts.network = report(.idle)
        facts.source = "dvpn.toml:3:1"
        facts.route = .init(device: "dvpn0", table: "3876")
        facts.isGuarded = true
        change(&facts)
        return facts
    }

    @Test func `a connection that works is told step by step with its sources`() {
        let report = Explanation.report(
            Self.facts { $0.attempt = .init(failure: nil, milliseconds: 12) })
        #expect(report.isHealthy)
        #expect(
            ExplainText.format(report) == """
                resolver  this host asks 127.0.0.1
                          (/etc/resolv.conf)
                zone      home.example is asked through network home
                          (dvpn.toml:3:1)
                address   www.home.example is 10.1.2.10
                          (getaddrinfo(3))
                network   10.1.2.10 is in 10.1.2.0/24, of network home
                          (dvpn.toml:3:1)
                tunnel    it is idle; the first packet dials by ssh through dvpn@203.0.113.7; it carries connections
                          (dvpnctl status)
                route     packets go to dvpn0 (table 3876)
                          (ip route get 10.1.2.10)
                guard     no packet to it leaves in the clear
                          (nft list table inet dvpn_guard)
                try       connected after 12 ms
                          (connect(2) to port 80, from this host)

                """)
    }

    private static let refused = NetworkReport.Failure(
        code: "authentication", text: "the gateway refused our key", at: FakeOperator.since)

    typealias Change = @Sendable (inout ExplainFacts) -> Void

    private static let obstacles: [(String, Change, String)] = [
        ("dvpn", { $0.isRunning = false }, "is not running"),
        ("address", { $0.address = nil }, "has no address"),
        ("resolver", { $0.elsewhere = "it knows no private names" }, "no private names"),
        (
            "zone",
            {
                $0.domain = nil
                $0.address = nil
            }, "in no private domain"
        ),
        (
            "tunnel",
            {
                $0.network = report(.up)
                $0.symptom = .silent
            }, "none come back"
        ),
        (
            "tunnel",
            {
                $0.network = report(.dialling)
                $0.attempt = .init(failure: "nobody answered", milliseconds: 20_000)
            }, "still being dialled"
        ),
        ("tunnel", { $0.network = report(.locked, lastError: refused) }, "refused our key"),
        ("tunnel", { $0.network = report(.holdoff, lastError: refused) }, "tried again later"),
        (
            "tunnel",
            {
                $0.network = report(.holdoff, lastError: refused)
                $0.retrySeconds = 12
            }, "tried again in 12 s (ssh through dvpn@203.0.113.7): the gateway refused"
        ),
        ("tunnel", { $0.network = report(.idle, heldDown: true) }, "dvpnctl up home"),
        ("tunnel", { $0.network = report(.dialling, asks: "Password?") }, "Password?"),
        ("route", { $0.route = .init(device: "wg0", table: "51820") }, "wg0 (table 51820)"),
        ("route", { $0.route = .init(device: nil, table: "") }, "unreachable"),
        ("route", { $0.route = nil }, "no way"),
        ("guard", { $0.isGuarded = false }, "in the clear"),
        ("try", { $0.attempt = .init(failure: "Connection refused", milliseconds: 3) }, "refused"),
    ]

    private static let codes: [(String, Change)] = [
        ("running", { $0.isRunning = false }),
        ("resolver-elsewhere", { $0.elsewhere = "it knows no private names" }),
        ("authentication", { $0.network = report(.locked, lastError: refused) }),
        ("authentication", { $0.network = report(.holdoff, lastError: refused) }),
        (
            "authentication",
            {
                $0.network = report(.idle, lastError: refused)
                $0.hasFailed = true
            }
        ),
        ("asks", { $0.network = report(.dialling, asks: "Password?") }),
        ("held-down", { $0.network = report(.idle, heldDown: true) }),
        ("route-overlap", { $0.route = .init(device: "wg0", table: "51820") }),
        ("guard-missing", { $0.isGuarded = false }),
        ("connection-failed", { $0.attempt = .init(failure: "refused", milliseconds: 3) }),
    ]

    @Test(arguments: codes)
    func `what stands in the way has a code`(code: String, change: Change) {
        let steps = Explanation.report(Self.facts(change)).steps
        #expect(steps.compactMap(\.code) == [code])
    }

    @Test func `a name that is nearly in a private domain is told of it`() {
        let report = Explanation.report(
            Self.facts {
                $0.meant = $0.domain
                ($0.domain, $0.address) = (nil, nil)
            })
        let zone = report.steps.first { $0.what == "zone" }
        #expect(zone?.code == "zone-missing" && zone?.fix?.contains("home.example") == true)
    }

    @Test func `the fix stands under its step`() {
        let locked = Self.report(.locked, lastError: Self.refused)
        let text = ExplainText.format(Explanation.report(Self.facts { $0.network = locked }))
        #expect(
            text.contains(
                """
                it is locked (ssh through dvpn@203.0.113.7): the gateway refused our key [authentication]
                          (dvpnctl status)
                          put the account's right key
                """))
    }

    @Test(arguments: obstacles)
    func `what stands in the way is named at its step`(
        what: String, change: Change, words: String
    ) {
        let bad = Explanation.report(Self.facts(change)).steps
            .filter { $0.result == .error || $0.result == .warning }
        #expect(bad.contains { $0.what == what && $0.text.contains(words) }, "\(bad)")
    }

    @Test(arguments: [
        (String?.none, false, true), (nil, true, false), ("Connection refused", false, false),
    ])
    func `a connection that was made is the better witness of what the gateway grants`(
        failure: String?, isEager: Bool, isHealthy: Bool
    ) {
        let report = Explanation.report(
            Self.facts {
                $0.network = Self.report(.up)
                $0.symptom = .forwardingRefused("administratively prohibited")
                $0.isEager = isEager
                $0.attempt = .init(failure: failure, milliseconds: 3)
            })
        #expect(report.isHealthy == isHealthy)
        let codes = report.steps.compactMap(\.code)
        #expect(codes.contains("forwarding-refused") == !isHealthy)
    }

    @Test func `noise is told of whatever came of the connection`() {
        let report = Explanation.report(
            Self.facts {
                $0.network = Self.report(.up)
                $0.symptom = .keptUpByNoise(flow: "a → b", word: "udp/123")
                $0.attempt = .init(failure: nil, milliseconds: 3)
            })
        #expect(report.steps.compactMap(\.code) == ["kept-up-by-noise"])
    }

    @Test func `a private name is not looked up without a try, and its network is explained`() {
        let report = Explanation.report(
            Self.facts {
                $0.isLookedUp = false
                ($0.address, $0.prefix, $0.route) = (nil, nil, nil)
                $0.isGuarded = false
            })
        #expect(report.isHealthy)
        #expect(report.steps.map(\.what) == ["resolver", "zone", "address", "tunnel"])
        #expect(report.steps[2].text.contains("not looked up without --try"))
    }

    @Test(arguments: [
        ("git.corp.example", false, String?.none), ("git.corp.example:22", true, nil),
        ("[fd00::1]:22", true, nil), ("fd00::1", false, nil),
        ("git.corp.example", true, "no port"), ("fd00::1", true, "no port"),
        ("[fd00::1]", true, "no port"), ("git.corp.example:0", true, "not 1 to 65535"),
        ("git.corp.example:65536", false, "not 1 to 65535"),
        ("10.1.2.3:99999999999999999999", true, "not 1 to 65535"),
        ("-x", false, "neither a name nor an address"),
    ])
    func `a target is judged before anything is done`(
        text: String, tries: Bool, objection: String?
    ) {
        do throws(OperatorError) {
            _ = try ExplainTarget.parse(text, tries: tries)
            #expect(objection == nil)
        } catch {
            #expect(error.code == .badRequest && error.fix?.contains(":22") == true)
            let expected = objection ?? "no objection"
            #expect(error.text.contains(expected))
        }
    }

    @Test func `a public address is nobody's business, and no mistake`() {
        let report = Explanation.report(
            Self.facts {
                $0.host = "192.0.2.1"
                $0.isName = false
                $0.address = "192.0.2.1"
                $0.domain = nil
                $0.prefix = nil
                $0.network = nil
            })
        #expect(report.isHealthy)
        #expect(report.steps.map(\.what) == ["network"])
    }

    @Test func `a private name with a public address is odd`() {
        let report = Explanation.report(
            Self.facts {
                $0.address = "192.0.2.1"
                $0.prefix = nil
                $0.network = nil
            })
        #expect(!report.isHealthy)
    }
}
