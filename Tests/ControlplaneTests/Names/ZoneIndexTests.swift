import Testing

@testable import controlplane

@Suite("Whose name it is")
struct ZoneIndexTests {
    private static let index = ZoneIndex([
        ZoneSamples.zone(
            "work", domains: ["corp.example"], prefixes: ["10.66.0.0/16", "fd66::/48"],
            gateway: .init(name: "vpn.corp.example", lastGood: nil)),
        ZoneSamples.zone(
            "lab", domains: ["lab.corp.example", "9.66.10.in-addr.arpa"],
            prefixes: ["10.66.8.0/23", "172.16.0.0/12"]),
    ])

    @Test(
        "the longest domain, then the longest prefix",
        arguments: [
            ("corp.example", .zone(0)), ("www.corp.example", .zone(0)),
            ("lab.corp.example", .zone(1)), ("a.b.lab.corp.example", .zone(1)),
            ("notcorp.example", nil), ("example", nil), ("", nil),
            ("vpn.corp.example", .gateway(0)), ("a.vpn.corp.example", .gateway(0)),
            ("avpn.corp.example", .zone(0)),
            ("10.0.66.10.in-addr.arpa", .zone(0)), ("66.10.in-addr.arpa", .zone(0)),
            // More than the prefix: not this network's.
            ("10.in-addr.arpa", nil), ("in-addr.arpa", nil),
            ("1.8.66.10.in-addr.arpa", .zone(1)), ("1.9.66.10.in-addr.arpa", .zone(1)),
            ("1.10.66.10.in-addr.arpa", .zone(0)),
            ("5.31.172.in-addr.arpa", .zone(1)), ("5.32.172.in-addr.arpa", nil),
            ("1.0.0.0.0.0.0.0.0.6.6.d.f.ip6.arpa", .zone(0)), ("7.6.d.f.ip6.arpa", nil),
            ("x.66.10.in-addr.arpa", nil),
        ] as [(String, ZoneIndex.Match?)])
    func match(_ name: String, _ wanted: ZoneIndex.Match?) throws {
        #expect(Self.index.match(try #require(DNSName(name)))?.match == wanted)
    }

    @Test(
        "by which domain, one of few whatever is asked for",
        arguments: [
            ("a.b.lab.corp.example", "lab.corp.example"), ("vpn.corp.example", "vpn.corp.example"),
            ("1.9.66.10.in-addr.arpa", "9.66.10.in-addr.arpa"),
            ("10.0.66.10.in-addr.arpa", "in-addr.arpa"),
            ("1.0.0.0.0.0.0.0.0.6.6.d.f.ip6.arpa", "ip6.arpa"),
        ])
    func domain(_ name: String, _ domain: String) throws {
        #expect(Self.index.match(try #require(DNSName(name)))?.domain == domain)
    }
}
