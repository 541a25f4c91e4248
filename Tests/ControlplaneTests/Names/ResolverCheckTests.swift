import Glibc
import Testing

@testable import controlplane

@Suite("This host's own resolver")
struct ResolverCheckTests {
    @Test("nameservers of resolv.conf")
    func file() {
        let text = """
            # nameserver 192.0.2.1
            search corp.example
            nameserver 127.0.0.1
            nameserver\t192.168.77.1  # the router
             nameserver 192.0.2.53
            nameserver fe80::1%eth0
            nameserver nonsense
            nameserver
            """
        #expect(
            ResolverFile.nameservers(text).map(\.text)
                == ["127.0.0.1", "192.168.77.1", "192.0.2.53", "fe80::1"])
        #expect(ResolverFile.searched(text) == ["corp.example"])
    }

    @Test("resolv.conf as a symbolic link, which it is on most hosts")
    func link() throws {
        let directory = TestDirectory()
        directory.write("stub-resolv.conf", "nameserver 127.0.0.53\n")
        try #require(unsafe symlink("stub-resolv.conf", directory.path("resolv.conf")) == 0)
        let text = try #require(try ProcessFiles.text(directory.path("resolv.conf")))
        #expect(ResolverFile.nameservers(text).map(\.text) == ["127.0.0.53"])
    }

    @Test(
        "the last line of domains that are searched counts",
        arguments: [
            ("", [String]()), ("search a.example b.example\n", ["a.example", "b.example"]),
            ("search a.example\ndomain\tb.example\n", ["b.example"]), ("# search a.example", []),
        ])
    func searched(text: String, domains: [String]) {
        #expect(ResolverFile.searched(text) == domains)
    }

    static let cases: [(DNSSettings.Mode, DNSSettings.Host, Int, [String], String?)] = [
        (.managed, .dnsmasq, 53, ["127.0.0.1"], nil),
        (.managed, .dnsmasq, 53, ["127.0.0.1", "192.168.77.1"], nil),
        (.managed, .dnsmasq, 53, ["127.0.0.1", "192.0.2.1"], "names 192.0.2.1, which"),
        (.managed, .dnsmasq, 53, ["192.168.77.2"], "names 192.168.77.2, which"),
        (.managed, .dnsmasq, 53, [], "names no server"),
        (.managed, .dnsmasq, 5353, ["127.0.0.1"], "port is 5353"),
        (.managed, .none, 53, ["192.0.2.1"], nil),
        (.dropIn, .dnsmasq, 53, ["127.0.0.1"], nil),
        (.dbus, .dnsmasq, 53, ["192.168.77.2"], nil),
        (.dropIn, .dnsmasq, 53, ["127.0.0.53"], "names 127.0.0.53, which"),
        (.dropIn, .dnsmasq, 53, ["192.0.2.1"], "names 192.0.2.1, which"),
        (.dropIn, .none, 53, ["192.0.2.1"], nil),
        (.none, .resolved, 53, ["127.0.0.53"], nil),
    ]

    @Test("programs that ask somebody else", arguments: cases)
    func elsewhere(
        _ mode: DNSSettings.Mode, _ host: DNSSettings.Host, _ port: Int, _ servers: [String],
        _ words: String?
    ) {
        var settings = DNSSettings()
        settings.mode = mode
        settings.host = host
        settings.port = port
        settings.listen = ["127.0.0.1", "192.168.77.1"]
        settings.upstream = [.loopback(port: 5300)]
        let findings = ResolverCheck.findings(
            settings, nameservers: servers.compactMap { Nameserver(text: $0) },
            isOurs: { $0.hostText != "192.0.2.1" })
        #expect(findings.map(\.code) == (words == nil ? [] : [.resolverElsewhere]))
        if let words { #expect(findings.first?.message.contains(words) == true, "\(findings)") }
    }

    @Test(
        "a dnsmasq that would have to ask itself",
        arguments: [
            ([], true), (["127.0.0.1"], true), (["127.0.0.1", "192.0.2.1"], false),
            (["127.0.0.53"], false),
        ] as [([String], Bool)])
    func upstream(_ servers: [String], _ isLost: Bool) {
        var settings = DNSSettings()
        settings.mode = .managed
        settings.listen = ["127.0.0.1"]
        let nameservers = servers.compactMap { Nameserver(text: $0) }
        func codes() -> [NameFinding.Code] {
            ResolverCheck.findings(settings, nameservers: nameservers, isOurs: { _ in true })
                .map(\.code)
        }
        #expect(codes() == (isLost ? [.noUpstream] : []))
        settings.upstream = [.loopback(port: 5300)]
        #expect(codes() == [])
    }

    @Test("domains for systemd-resolved: all that is private, and no gateway")
    func domains() {
        let zone = ZoneSamples.zone(
            domains: ["corp.example", "corp.internal"], prefixes: ["10.66.0.0/15"],
            servers: ["10.66.0.10", "10.66.0.11"],
            gateway: .init(name: "vpn.corp.example", lastGood: nil))
        #expect(
            ResolvedLink.domains(DnsmasqRules([zone], forwarder: .loopback(port: 3853)))
                == ["66.10.in-addr.arpa", "67.10.in-addr.arpa", "corp.example", "corp.internal"])
    }
}
