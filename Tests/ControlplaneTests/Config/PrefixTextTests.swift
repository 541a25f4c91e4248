import Protocol
import Testing

@testable import controlplane

@Suite("Text of addresses and prefixes")
struct PrefixTextTests {
    @Test(
        "is written in the canonical form",
        arguments: [
            ("0.0.0.0/0", "0.0.0.0/0"), ("10.1.2.3/32", "10.1.2.3/32"),
            ("255.255.255.255/32", "255.255.255.255/32"), ("::/0", "::/0"), ("::1/128", "::1/128"),
            ("2001:DB8:0:0:0:0:0:1/128", "2001:db8::1/128"), ("fd00:0001::/032", "fd00:1::/32"),
            ("1:0:0:2:0:0:0:3/128", "1:0:0:2::3/128"), ("::ffff:1.2.3.4/128", "::ffff:1.2.3.4/128"),
        ])
    func canonical(_ text: String, _ written: String) throws {
        let prefix = try Prefix(text: text)
        #expect(prefix.isValid)
        #expect(prefix.text == written)
        #expect(try Prefix(text: prefix.text) == prefix)
    }

    @Test("has the address where the wire wants it")
    func layout() throws {
        let ipv4 = try #require(Address.parse("10.1.2.3"))
        #expect(ipv4.family == .ipv4)
        #expect(ipv4.address == Address(ipv4: 0x0a01_0203))
        let ipv6 = try #require(Address.parse("2001:db8::42"))
        #expect(ipv6.family == .ipv6)
        #expect(ipv6.address == Address(high: 0x2001_0db8_0000_0000, low: 0x42))
    }

    @Test(
        "refuses what is no prefix",
        arguments: [
            "", "/", "10.1.2.0/", "/24", "10.1.2.0/-1", "10.1.2.0/+8", "10.1.2.0/2 4",
            "10.1.2.0/0024",
            "10.1.2.0/24/24", " 10.1.2.0/24", "010.1.2.0/24", "10.1.2/24", "1.2.3.4.5/8", "::g/64",
            "fe80::1%eth0/128", "fd00::/129", "10.0.0.0/33", "[fd00::]/64", "10.0.0.0\u{0}/8",
        ])
    func refuses(_ text: String) {
        #expect(throws: Prefix.TextError.self) { try Prefix(text: text) }
    }

    @Test(
        "overlap is one inside the other",
        arguments: [
            ("10.0.0.0/8", "10.1.0.0/16", true), ("10.1.0.0/16", "10.0.0.0/8", true),
            ("10.0.0.0/8", "11.0.0.0/8", false), ("::/0", "10.0.0.0/8", false),
            ("fd00::/16", "fd00::/16", true),
        ])
    func overlap(_ left: String, _ right: String, _ expected: Bool) throws {
        #expect(try Prefix(text: left).overlaps(Prefix(text: right)) == expected)
    }
}
