import Protocol
import Testing

@testable import controlplane

@Suite("Domain names")
struct DNSNameTests {
    @Test("text and wire")
    func text() throws {
        let name = try #require(DNSName("WWW.Corp.example."))
        #expect(name == DNSName("www.corp.example"))
        #expect(name.text == "www.corp.example")
        #expect(DNSName("a b\n_c.example")?.text == "a?b?_c.example")
        #expect(name.wire == Array("\u{3}www\u{4}corp\u{7}example\0".utf8))
        #expect(
            name.labels.map { String(decoding: $0, as: UTF8.self) } == ["www", "corp", "example"])
        #expect(name.parent == DNSName("corp.example"))
        #expect(DNSName("") == .root && DNSName(".") == .root)
        #expect(DNSName.root.parent == nil && DNSName.root.labels.isEmpty)
    }

    @Test(
        "no names",
        arguments: [
            "a..b", ".a", "..", String(repeating: "a", count: 64),
            [String](repeating: String(repeating: "a", count: 63), count: 4).joined(separator: "."),
        ])
    func wrong(_ text: String) {
        #expect(DNSName(text) == nil)
    }

    @Test("the longest name there is")
    func longest() throws {
        let label = String(repeating: "a", count: 63)
        let text = "\(label).\(label).\(label).\(String(repeating: "b", count: 61))"
        let name = try #require(DNSName(text))
        #expect(name.wire.count == 255)
        #expect(DNSName.read(name.wire, at: 0)?.name == name)
        #expect(DNSName.end(name.wire, at: 0) == 255)
        #expect(DNSName(text + "b") == nil)
        let longer = [UInt8(1), 0x61] + name.wire
        #expect(DNSName.read(longer, at: 0) == nil)
        #expect(DNSName.end(longer, at: 0) == nil)
    }

    @Test("reading refuses pointers, reserved lengths and every cut")
    func reading() throws {
        let name = try #require(DNSName("www.corp.example"))
        let bytes = [0xFF, 0xFF] + name.wire + [0xEE]
        let read = try #require(DNSName.read(bytes, at: 2))
        #expect(read.name == name && read.end == bytes.count - 1)
        for count in 0..<(bytes.count - 1) {
            #expect(DNSName.read(bytes.prefix(count), at: 2) == nil)
            #expect(DNSName.end(Array(bytes.prefix(count)), at: 2) == nil)
        }
        for length: UInt8 in [0x40, 0x80, 0xC0] {
            #expect(DNSName.read([length, 0, 0], at: 0) == nil)
        }
        // A pointer ends a name, wherever it leads: to itself, too.
        #expect(DNSName.end([0xC0, 0], at: 0) == 2)
        #expect(DNSName.end([0xC0], at: 0) == nil)
        #expect(DNSName.end([0x40, 0], at: 0) == nil)
    }

    @Test(
        "domains that hold a prefix's reverse names",
        arguments: [
            ("10.66.0.0/16", "66.10.in-addr.arpa"),
            ("10.0.0.0/8", "10.in-addr.arpa"),
            ("10.1.2.0/24", "2.1.10.in-addr.arpa"),
            ("10.1.2.3/32", "3.2.1.10.in-addr.arpa"),
            ("0.0.0.0/0", "in-addr.arpa"),
            (
                "192.0.2.128/26",
                (128..<192).map { "\($0).2.0.192.in-addr.arpa" }.joined(separator: " ")
            ),
            (
                "172.16.0.0/14",
                "16.172.in-addr.arpa 17.172.in-addr.arpa 18.172.in-addr.arpa 19.172.in-addr.arpa"
            ),
            ("fd00:1::/32", "1.0.0.0.0.0.d.f.ip6.arpa"),
            ("fd00:8::/31", "8.0.0.0.0.0.d.f.ip6.arpa 9.0.0.0.0.0.d.f.ip6.arpa"),
            (
                "fd00::2/128",
                "2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa"
            ),
        ])
    func reverse(_ prefix: String, _ wanted: String) throws {
        let domains = try ReverseZone.domains(Prefix(text: prefix))
        #expect(domains.joined(separator: " ") == wanted)
        // Read back, the domains are the prefix's parts.
        for domain in domains {
            let part = try #require(DNSName(domain).flatMap { ReverseZone.prefix($0) })
            #expect(try Prefix(text: prefix).overlaps(part))
        }
    }

    @Test(
        "names that are no reverse names",
        arguments: [
            "corp.example", "arpa", "1.2.3.4.5.in-addr.arpa", "256.in-addr.arpa",
            "01.in-addr.arpa", "+1.in-addr.arpa", "x.in-addr.arpa", "10.ip6.arpa", "g.ip6.arpa",
        ])
    func noReverse(_ text: String) throws {
        #expect(ReverseZone.prefix(try #require(DNSName(text))) == nil)
    }
}
