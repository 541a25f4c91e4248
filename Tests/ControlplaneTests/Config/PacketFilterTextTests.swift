import Testing

@testable import controlplane

@Suite("Filter rules as text")
struct PacketFilterTextTests {
    private typealias Rule = PacketFilter.Rule

    @Test(
        "the first rule that fits decides, and none is no",
        arguments: [
            (["any"], true), (["!any"], false), ([], false), (["udp"], true), (["tcp"], false),
            (["!udp/53", "any"], false), (["!udp/54-60", "any"], true), (["udp/50-53"], true),
            (["!tcp/53", "any"], true),
        ])
    func verdicts(_ rules: [String], _ isAllowed: Bool) throws {
        let filter = PacketFilter(rules: try rules.map { try Rule(text: $0) })
        #expect(filter.allows(ipProtocol: 17, port: 53) == isAllowed)
    }

    @Test(
        "rules",
        arguments: [
            ("any", PacketFilter.Rule(isAllowed: true)),
            ("!any", PacketFilter.Rule(isAllowed: false)),
            ("udp", PacketFilter.Rule(isAllowed: true, ipProtocol: 17)),
            ("!igmp", PacketFilter.Rule(isAllowed: false, ipProtocol: 2)),
            ("tcp/0", PacketFilter.Rule(isAllowed: true, ipProtocol: 6, ports: 0...0)),
            ("!udp/123", PacketFilter.Rule(isAllowed: false, ipProtocol: 17, ports: 123...123)),
            (
                "tcp/1000-65535",
                PacketFilter.Rule(isAllowed: true, ipProtocol: 6, ports: 1_000...65_535)
            ),
            ("icmp/8", PacketFilter.Rule(isAllowed: true, ipProtocol: 1, ports: 8...8)),
            (
                "!icmp6/133-137",
                PacketFilter.Rule(isAllowed: false, ipProtocol: 58, ports: 133...137)
            ),
        ])
    func rules(_ text: String, _ rule: PacketFilter.Rule) throws {
        #expect(try Rule(text: text) == rule)
    }

    @Test("the default is what the documentation says")
    func wanted() throws {
        let texts = [
            "!udp/123", "!udp/137-138", "!tcp/139", "!udp/1900", "!udp/5353", "!udp/5355",
            "!udp/67-68", "!udp/546-547", "!icmp6/133-137", "!igmp", "any",
        ]
        #expect(try Set(texts.map { try Rule(text: $0) }) == Set(PacketFilter.wanted.rules))
        #expect(PacketFilter.wanted.rules.last == Rule(isAllowed: true))
    }

    @Test(
        "which rule makes which one idle",
        arguments: [
            ("any", "udp/5", true), ("!any", "any", true), ("udp", "any", false),
            ("udp", "!udp/5", true), ("udp/5", "udp", false), ("udp/1-9", "udp/1-9", true),
            ("udp/1-9", "udp/2-3", true), ("udp/2-3", "udp/1-9", false),
            ("udp/1-9", "udp/9-10", false), ("udp/5", "tcp/5", false),
        ])
    func covers(_ first: String, _ second: String, _ expected: Bool) throws {
        #expect(try Rule(text: first).covers(Rule(text: second)) == expected)
    }
}
