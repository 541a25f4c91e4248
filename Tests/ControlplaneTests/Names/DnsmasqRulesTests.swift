import Testing

@testable import controlplane

@Suite("dnsmasq's rules")
struct DnsmasqRulesTests {
    private static let work = ZoneSamples.zone(
        domains: ["corp.example", "corp.internal"], prefixes: ["10.66.0.0/16", "fd66::/30"],
        servers: ["10.66.0.10", "fd66::10"],
        gateway: .init(name: "vpn.corp.example", lastGood: nil))

    static let cases: [(String, [Zone], String)] = [
        ("nothing", [], ""),
        (
            "domains, the names of addresses, and the gateway's own name", [work],
            """
            server=/corp.example/127.0.0.1#3853
            server=/corp.internal/127.0.0.1#3853
            rev-server=10.66.0.0/16,127.0.0.1#3853
            rev-server=fd66::/30,127.0.0.1#3853
            server=/vpn.corp.example/#

            """
        ),
        (
            "addresses only", [ZoneSamples.zone(domains: [])],
            """
            rev-server=10.66.0.0/16,127.0.0.1#3853

            """
        ),
        (
            "a domain of two networks is there once; a gateway in another's domain is excepted",
            [
                ZoneSamples.zone("a", prefixes: [], servers: ["10.1.0.1"]),
                ZoneSamples.zone(
                    "b", prefixes: [], servers: ["10.2.0.1"],
                    gateway: .init(name: "gw.corp.example", lastGood: "203.0.113.7")),
            ],
            """
            server=/corp.example/127.0.0.1#3853
            server=/gw.corp.example/#

            """
        ),
        (
            "a gateway with the domain's own name has no exception: the domain stays private",
            [
                ZoneSamples.zone(
                    prefixes: [], gateway: .init(name: "corp.example", lastGood: nil))
            ],
            "server=/corp.example/127.0.0.1#3853\n"
        ),
    ]

    @Test("as a servers-file", arguments: cases)
    func file(_ name: String, _ zones: [Zone], _ wanted: String) {
        let rules = DnsmasqRules(zones, forwarder: .loopback(port: 3853))
        let lines = rules.serversFile.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.first?.hasPrefix("# ") == true)
        #expect(lines.dropFirst().joined(separator: "\n") == wanted)
        // What goes to a private zone never goes to anybody else as well.
        for rule in rules.rules where rule.target == .standard {
            #expect(rules.rules.count { $0.subject == rule.subject } == 1)
        }
    }

    @Test("how a network fares is nothing to tell dnsmasq: it would forget what it knows")
    func states() {
        func rules(_ zone: Zone) -> DnsmasqRules {
            DnsmasqRules([zone], forwarder: .loopback(port: 3853))
        }
        let up = rules(ZoneSamples.zone())
        for reach in [Zone.Reach.asleep, .refusing] {
            #expect(rules(ZoneSamples.zone(servers: [], reach: reach)) == up)
        }
    }

    @Test("as arguments of SetDomainServers")
    func bus() {
        let zone = ZoneSamples.zone(
            prefixes: ["10.66.0.0/15"], gateway: .init(name: "vpn.corp.example", lastGood: nil))
        #expect(
            DnsmasqRules([zone], forwarder: .loopback(port: 3853)).busArguments == [
                "/corp.example/127.0.0.1#3853", "/66.10.in-addr.arpa/127.0.0.1#3853",
                "/67.10.in-addr.arpa/127.0.0.1#3853", "/vpn.corp.example/#",
            ])
    }

    @Test("private answers are allowed for private domains, and for no gateway's public name")
    func rebind() {
        let rules = DnsmasqRules([Self.work], forwarder: .loopback(port: 3853))
        #expect(
            rules.rebindLines == [
                "rebind-domain-ok=/corp.example/", "rebind-domain-ok=/corp.internal/",
            ])
    }
}
