import Protocol
import Reports
import Testing

@testable import controlplane

@Suite struct DoctorTests {
    /// A host with nothing wrong.
    private static func host(_ change: (inout DoctorFacts) -> Void = { _ in }) -> DoctorFacts {
        var facts = DoctorFacts()
        facts.kernelRelease = "6.1.0-18-amd64"
        facts.tools = [
            .init(
                name: "ip", package: "iproute2", purpose: "routes", path: "/usr/sbin/ip",
                version: ToolVersion(6, 1), oldest: ToolVersion(4, 17))
        ]
        facts.features = [feature(.there)]
        facts.nameservers = ["127.0.0.1"]
        facts.drops = ["leak": 0]
        facts.namesAsked = [
            .init(
                domain: "home.example", by: "getaddrinfo(3)", isLAN: false, answer: NameProbe.answer
            )
        ]
        facts.lan = ["br-lan"]
        facts.interfaces = ["lo", "br-lan"]
        facts.settings = [
            "ipv4/conf/br-lan/forwarding": "1", "ipv4/conf/all/rp_filter": "0",
            "ipv4/conf/dvpn0/rp_filter": "0", "ipv4/conf/dv-work/rp_filter": "2",
        ]
        facts.devices = ["dv-work"]
        facts.privates = [
            .init(network: "home", prefix: prefix("10.1.0.0/16"), device: nil),
            .init(
                network: "work", prefix: prefix("10.9.0.0/16"), device: "dv-work"),
        ]
        facts.conntrack = .init(entries: 10, limit: 100)
        facts.clock = 1_790_000_000
        facts.isClockKept = true
        change(&facts)
        return facts
    }

    @Test func `a good host has nothing to be done`() {
        let report = Doctor.report(Self.host())
        #expect(report.isHealthy)
        #expect(report.checks.allSatisfy { $0.result == .ok })
        #expect(DoctorText.format(report).hasSuffix("nothing is wrong\n"))
    }

    @Test func `a network that asks for something is told`() throws {
        let report = Doctor.report(Self.host { $0.asking = ["work": "the password of rob"] })
        let found = try #require(report.checks.first { $0.code == "asks" })
        #expect(found.text == "network work asks for something: the password of rob")
        #expect(found.result == .warning && found.fix == "dvpnctl login work")
    }

    @Test func `a network that somebody took down is told, and needs nobody`() {
        let report = Doctor.report(Self.host { $0.heldDown = ["home"] })
        #expect(report.isHealthy)
        #expect(
            DoctorText.format(report).hasPrefix(
                """
                notice   network home is held down: no packet dials it [held-down]
                         dvpnctl up home

                """))
        #expect(DoctorText.format(report, verbose: false) == "nothing is wrong\n")
    }

    private static func feature(_ state: DoctorFacts.Feature.State) -> DoctorFacts.Feature {
        .init(name: "nftables", purpose: "redirection", fix: "modprobe nf_tables", state: state)
    }

    private static let prefix6 = Prefix(listed: "fd00::/8", .ipv6).map {
        DoctorFacts.Private(network: "six", prefix: $0, device: nil)
    }

    @Test func `what is well is said, too, each with what was looked at`() {
        let codes = Doctor.report(Self.host()).checks.map(\.code)
        #expect(
            codes == [
                "running", "kernel", "tool", "feature", "feature", "resolver", "names",
                "forwarding",
                "conntrack", "clock", "guard",
            ])
    }

    typealias Change = @Sendable (inout DoctorFacts) -> Void

    private static let wrong: [(String, DoctorReport.Result, Change)] = [
        ("running", .error, { $0.isRunning = false }),
        (
            "leftover-state", .warning,
            {
                $0.isRunning = false
                $0.leftovers = ["dvpn0"]
            }
        ),
        ("kernel-old", .error, { $0.kernelRelease = "4.19.0" }),
        (
            "tool-missing", .error,
            { $0.tools = [.init(name: "vpnc", package: "vpnc", purpose: "work", path: nil)] }
        ),
        ("tool-old", .error, { $0.tools[0].version = ToolVersion(4, 16) }),
        ("feature-missing", .error, { $0.features = [feature(.missing("no"))] }),
        ("feature-unknown", .notice, { $0.features = [feature(.unknown("not root"))] }),
        ("names-astray", .warning, { $0.namesAsked = [asked(nil)] }),
        ("resolver-none", .warning, { $0.nameservers = [] }),
        ("guard-missing", .error, { $0.drops = [:] }),
        ("names-astray", .warning, { $0.namesAsked = [asked("198.51.100.1")] }),
        (
            "ipv6-off", .warning,
            {
                $0.hasIPv6 = false
                $0.privates += [prefix6].compactMap { $0 }
            }
        ),
        ("ipv6-not-forwarded", .warning, { $0.privates += [prefix6].compactMap { $0 } }),
        (
            "configuration-mistake", .error,
            {
                $0.mistakes = [
                    ConfigError(
                        position: SourcePosition(file: "dvpn.toml", line: 3, column: 5),
                        message: "m")
                ]
            }
        ),
        ("lan-missing", .warning, { $0.interfaces = ["lo"] }),
        ("forwarding-off", .error, { $0.settings["ipv4/conf/br-lan/forwarding"] = "0" }),
        ("reverse-path-strict", .error, { $0.settings["ipv4/conf/all/rp_filter"] = "1" }),
        ("reverse-path-strict", .error, { $0.settings["ipv4/conf/dvpn0/rp_filter"] = "1" }),
        ("reverse-path-strict", .error, { $0.settings["ipv4/conf/dv-work/rp_filter"] = "1" }),
        ("tunnel-silent", .warning, { $0.symptoms = ["work": .silent] }),
        ("forwarding-refused", .warning, { $0.symptoms = ["home": .forwardingRefused("no")] }),
        (
            "kept-up-by-noise", .warning,
            { $0.symptoms = ["work": .keptUpByNoise(flow: "a → b", word: "udp/123")] }
        ),
        ("route-overlap", .warning, { $0.routes = [route("10.0.0.0/8", "wg0")] }),
        ("route-overlap", .warning, { $0.routes = [route("10.1.2.0/24", "tun7")] }),
        ("conntrack-full", .warning, { $0.conntrack = .init(entries: 80, limit: 100) }),
        ("conntrack-full", .error, { $0.conntrack = .init(entries: 100, limit: 100) }),
        ("clock-wrong", .error, { $0.clock = 1_000_000 }),
        ("clock-unkept", .notice, { $0.isClockKept = false }),
        ("dropped-leak", .notice, { $0.drops = ["leak": 3] }),
        ("dropped-forged", .warning, { $0.drops = ["forged": 1] }),
        (
            "resolver-elsewhere", .warning,
            {
                $0.health = [
                    .init(code: "resolver-elsewhere", severity: .warning, text: "t", fix: "f")
                ]
            }
        ),
    ]

    @Test(arguments: wrong)
    func `what is wrong has its code and severity, and what to do`(
        code: String, result: DoctorReport.Result, change: Change
    ) {
        let checks = Doctor.report(Self.host(change)).checks
        #expect(checks.filter { $0.code == code }.map(\.result) == [result])
        let bad = checks.filter { $0.result == .error || $0.result == .warning || $0.code == code }
        #expect(bad.allSatisfy { $0.fix?.isEmpty == false }, "\(bad)")
    }

    private static func asked(_ answer: String?) -> DoctorFacts.NameAsked {
        .init(domain: "home.example", by: "getaddrinfo(3)", isLAN: false, answer: answer)
    }

    @Test func `a mistake is told with file, line and column`() {
        let report = Doctor.report(
            Self.host {
                $0.mistakes = [
                    ConfigError(
                        position: SourcePosition(file: "dvpn.toml", line: 3, column: 5),
                        message: "m",
                        hint: "h")
                ]
            })
        let check = report.checks.first { $0.code == "configuration-mistake" }
        #expect(check?.text == "dvpn.toml:3:5: m" && check?.fix == "h")
    }

    @Test(arguments: ["ipv6/conf/all/forwarding", "ipv6/conf/br-lan/force_forwarding"])
    func `either setting forwards IPv6`(key: String) {
        let report = Doctor.report(
            Self.host {
                $0.privates += [Self.prefix6].compactMap { $0 }
                $0.settings[key] = "1"
            })
        #expect(report.isHealthy)
        #expect(report.checks.contains { $0.text == "IPv6 from br-lan is forwarded" })
    }

    @Test(arguments: [HostFinding.lanMissing("x"), .ipv6Off, .notForwarded6("br-lan")])
    func `what a running controlplane has found is not said twice`(finding: HostFinding) {
        let report = Doctor.report(
            Self.host {
                $0.interfaces = finding.code == .lanMissing ? [] : $0.interfaces
                $0.hasIPv6 = finding.code != .ipv6Off
                $0.privates += [Self.prefix6].compactMap { $0 }
                $0.health = [HealthReport(finding)]
            })
        let said = report.checks.filter { $0.code == finding.code.rawValue }
        #expect(said.count == 1 && said[0].fix == finding.fix)
    }

    @Test(arguments: ["leak", "stranger", "forged", "straight", "returned"])
    func `what was dropped comes with what to do`(name: String) {
        let report = Doctor.report(Self.host { $0.drops = [name: 1] })
        let check = report.checks.first { $0.code == "dropped-\(name)" }
        #expect(check?.fix?.isEmpty == false)
    }

    @Test func `a loose reverse path filter is none`() {
        let report = Doctor.report(Self.host { $0.settings["ipv4/conf/all/rp_filter"] = "2" })
        #expect(report.isHealthy)
    }

    @Test func `where dvpn does not run it relaxes the filter when it starts`() {
        let report = Doctor.report(
            Self.host {
                $0.isRunning = false
                $0.settings["ipv4/conf/all/rp_filter"] = "1"
            })
        #expect(!report.checks.contains { $0.code == "reverse-path-strict" })
    }

    @Test(arguments: [
        // The default route, the tunnel's own, and one beside.
        route("0.0.0.0/0", "eth0"), route("10.9.0.0/16", "dv-work"), route("10.2.0.0/16", "wg0"),
    ])
    func `a route that takes nothing away is no finding`(_ route: DoctorFacts.Route) {
        #expect(Doctor.report(Self.host { $0.routes = [route] }).isHealthy)
    }

    @Test func `a locked network is an error with its cause`() {
        let locked = NetworkReport(
            name: "work", state: .locked, since: FakeOperator.since, reason: "r",
            lastError: .init(code: "authentication", text: "refused", at: FakeOperator.since),
            via: "vpnc", prefixes: [], connections: .init(open: 0, opening: 0, parked: 0))
        let report = Doctor.report(Self.host { $0.stuck = [locked] })
        let check = report.checks.first { $0.code == "network-locked" }
        #expect(check?.result == .error)
        #expect(check?.text == "network work: refused (authentication)")
        #expect(check?.fix == Remedy.of(locked))
        #expect(check?.fix?.hasSuffix("then: dvpnctl unlock work") == true)
        #expect(!report.isHealthy)
    }

    @Test func `what is wrong comes before what is right`() {
        let text = DoctorText.format(Doctor.report(Self.host { $0.clock = 0 }))
        #expect(text.hasPrefix("error    the clock is years behind"))
        #expect(text.hasSuffix("1 to look at\n"))
    }

    @Test func `nft's counters are read by name`() {
        let listing = """
            table inet dvpn {
            \tcounter stranger {
            \t\tpackets 12 bytes 720
            \t}
            \tcounter forged {
            \t\tpackets 0 bytes 0
            \t}
            }
            """
        #expect(CounterListing.parse(listing) == ["stranger": 12, "forged": 0])
        #expect(CounterListing.parse("").isEmpty)
    }

    private static func route(_ prefix: String, _ device: String) -> DoctorFacts.Route {
        .init(prefix: Self.prefix(prefix), device: device, table: "main")
    }

    private static func prefix(_ text: String) -> Prefix {
        guard let prefix = Prefix(listed: text, .ipv4) else { preconditionFailure(text) }
        return prefix
    }
}
