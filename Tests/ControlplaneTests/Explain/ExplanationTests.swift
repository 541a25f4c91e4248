import Foundation
import Protocol
import Reports
import Testing

@testable import controlplane

@Suite struct ExplanationTests {
    static func report(
        _ state: NetworkReport.State, lastError: NetworkReport.Failure? = nil,
        heldDown: Bool? = nil,
        asks: String? = nil
    ) -> NetworkReport {
        NetworkReport(
            name: "home", state: state, since: FakeOperator.since, reason: "demand",
            lastError: lastError, gateway: "dvpn@203.0.113.7", via: "ssh",
            prefixes: ["10.1.2.0/24"],
            nextRetry: state == .holdoff ? FakeOperator.since + 12 : nil,
            connections: .init(open: 0, opening: 0, parked: 0), asks: asks, heldDown: heldDown)
    }

    /// A name in a private domain whose network is idle.
    static func facts(_ change: (inout ExplainFacts) -> Void = { _ in }) -> ExplainFacts {
        var facts = ExplainFacts()
        facts.host = "www.home.example"
        facts.port = 80
        facts.isName = true
        facts.domain = .init(
            domain: "home.example", network: "home", source: "dvpn.toml:3:1",
            servers: ["10.1.2.53"], isOverTCP: true)
        facts.forwarder = "127.0.0.1#538"
        facts.nameservers = ["127.0.0.1"]
        facts.address = "10.1.2.10"
        facts.prefix = Prefix(listed: "10.1.2.0/24", .ipv4)
        facts.network = report(.idle)
        facts.source = "dvpn.toml:3:1"
        facts.route = .init(device: "dvpn0", table: "3876")
        facts.rules = rules
        facts.redirection = redirection
        facts.isGuarded = true
        change(&facts)
        return facts
    }

    /// What `ip -json rule show` says while dvpn runs.
    private static let rules =
        (try? PolicyRule.parse(
            """
            [{"priority":0,"src":"all","table":"local"},
             {"priority":100,"src":"all","table":"51820"},
             {"priority":3872,"src":"all","fwmark":"0xd0","fwmask":"0xff","table":"3877","protocol":"214"},
             {"priority":3874,"src":"all","table":"3876","protocol":"214"},
             {"priority":32766,"src":"all","table":"main"}]
            """, .ipv4)) ?? []

    private static let redirection = Redirection(
        entries: [
            "redirect_in": [#"iifname "dvpn0" meta l4proto tcp redirect to :3876"#],
            "redirect_out": ["meta mark 0x000000d6 meta l4proto tcp redirect to :3876"],
            "eager_out": [#"oifname "dvpn0" meta l4proto tcp redirect to :3876"#],
        ])

    @Test func `a connection that works is told step by step with its sources`() {
        let report = Explanation.report(
            Self.facts { $0.attempt = .init(failure: nil, milliseconds: 12) })
        #expect(report.isHealthy)
        #expect(
            ExplainText.format(report) == """
                resolver  this host asks 127.0.0.1
                          (/etc/resolv.conf)
                zone      home.example belongs to network home: dvpn's forwarder (127.0.0.1#538) asks 10.1.2.53 for it, over TCP
                          (dvpn.toml:3:1)
                address   www.home.example is 10.1.2.10
                          (getaddrinfo(3))
                network   10.1.2.10 is in 10.1.2.0/24, of network home
                          (dvpn.toml:3:1)
                tunnel    it is idle; the first packet dials by ssh through dvpn@203.0.113.7; it carries connections
                          (dvpnctl status)
                rule      rule 3874 (from all) leads to table 3876
                          (ip -4 rule)
                route     packets go to dvpn0 (table 3876)
                          (ip route get 10.1.2.10)
                redirect  its TCP comes to dvpn's port 3876: no set has it, so that its route decides
                          (nft list chain inet dvpn redirect_in: iifname "dvpn0" meta l4proto tcp redirect to :3876)
                guard     no packet to it leaves in the clear
                          (nft list table inet dvpn_guard)
                try       connected after 12 ms
                          (connect(2) to port 80, from this host)

                """)
    }

    static let refused = NetworkReport.Failure(
        code: "authentication", text: "the gateway refused our key", at: FakeOperator.since)

    typealias Change = @Sendable (inout ExplainFacts) -> Void

    static let obstacles: [(String, Change, String)] = [
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
        (
            "tunnel", { $0.network = report(.holdoff, lastError: refused) },
            "it failed, and the next packet dials again"
        ),
        (
            "tunnel",
            {
                $0.network = report(.holdoff, lastError: refused)
                $0.retrySeconds = 12
            },
            "the next packet after 12 s, at 2026-01-02T03:04:17Z, dials again (ssh through dvpn@203.0.113.7): the gateway refused"
        ),
        ("tunnel", { $0.network = report(.idle, heldDown: true) }, "dvpnctl up home"),
        ("tunnel", { $0.network = report(.dialling, asks: "Password?") }, "Password?"),
        ("route", { $0.route = .init(device: "wg0", table: "51820") }, "wg0 (table 51820)"),
        ("route", { $0.route = .init(device: nil, table: "") }, "unreachable"),
        ("route", { $0.route = nil }, "no way"),
        ("guard", { $0.isGuarded = false }, "in the clear"),
        ("rule", { $0.rules.removeAll { $0.preference == 3874 } }, "dvpn's rule 3874 is not there"),
        (
            "rule",
            {
                $0.expectedSets = [.steered]; $0.rules.removeAll(where: \.isOurs)
            }, "3874 and 3872"
        ),
        ("redirect", { $0.redirection?.entries["redirect_in"] = [] }, "redirect_in has no entry"),
        ("redirect", { $0.redirection?.entries = [:] }, "redirect_in and redirect_out has no"),
        ("redirect", { $0.expectedSets = [.eager] }, "10.1.2.10 is not in eager4"),
        ("redirect", { $0.redirection?.isBlocked = true }, "port 80 is refused there"),
        ("reverse-path", { $0.strictPath = "all/rp_filter is 1" }, "rp_filter is 1"),
        ("resolver", { $0.nameservers = [] }, "asks nobody"),
        (
            "zone",
            {
                $0.domain?.servers = []; $0.network = report(.up)
            }, "has told no name server"
        ),
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
        ("rule-missing", { $0.rules.removeAll { $0.preference == 3874 } }),
        ("redirect-missing", { $0.redirection?.entries = [:] }),
        ("set-missing", { $0.expectedSets = [.eager] }),
        ("port-blocked", { $0.redirection?.isBlocked = true }),
        ("reverse-path-strict", { $0.strictPath = "all/rp_filter is 1" }),
        ("resolver-none", { $0.nameservers = [] }),
        (
            "nameservers-missing",
            {
                $0.domain?.servers = []; $0.network = report(.up)
            }
        ),
        ("feature-unknown", { $0.isGuarded = nil }),
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
        ("10.1.2.3:gopher", false, "the port of \"10.1.2.3:gopher\" is not a number"),
        ("10.1.2.0/24", false, "\"10.1.2.0/24\" is a prefix"),
        ("10.1.2.10/24", false, "is a prefix"), ("fd00::/8", false, "is a prefix"),
        ("gopher://10.1.2.3", true, "no port"), ("http://", false, "neither a name"),
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

    @Test(arguments: [
        ("http://10.1.2.10:8080/index.html?a=b#c", "10.1.2.10", "8080"),
        ("http://10.1.2.10:80/", "10.1.2.10", "80"),
        ("HTTP://web.corp.example", "web.corp.example", "80"),
        ("https://rob:x@web.corp.example/a:1", "web.corp.example", "443"),
        ("ssh://git@[fd00::1]/repository", "fd00::1", "22"), ("10.1.2.10:http", "10.1.2.10", "80"),
        ("[fd00::1]:ssh", "fd00::1", "22"),
        ("gopher://web.corp.example:70/", "web.corp.example", "70"),
    ])
    func `a URL and a service's name are what they mean`(
        text: String, host: String, port: String
    ) throws {
        let target = try ExplainTarget.parse(text, tries: true)
        #expect(target.host == host && target.port == port)
    }

    @Test func `a network's name is told from a host's`() {
        let report = Explanation.report(
            Self.facts {
                $0.host = "home"
                $0.isNetworkName = true
                ($0.domain, $0.address) = (nil, nil)
            })
        let zone = report.steps.first { $0.what == "zone" }
        #expect(
            zone?.code == "zone-missing" && zone?.fix?.contains("dvpnctl networks home") == true)
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
