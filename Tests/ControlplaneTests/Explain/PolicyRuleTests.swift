import Protocol
import Testing

@testable import controlplane

@Suite struct PolicyRuleTests {
    /// As iproute2 6.1 says it of rules of all kinds.
    private static let listing = """
        [{"priority":0,"src":"all","table":"local"},
         {"priority":7,"src":"all","action":"unreachable"},
         {"priority":99,"src":"all","table":"main","suppress_prefixlen":0},
         {"priority":100,"src":"10.0.0.0","srclen":8,"dst":"10.1.0.0","dstlen":16,"iif":"lo",
          "uid_start":0,"uid_end":5,"ipproto":"tcp","dport":22,"table":"99"},
         {"priority":101,"src":"all","fwmark":"0xd0","fwmask":"0xff","table":"3877","protocol":"214"},
         {"priority":102,"src":"all","dst":"10.1.0.0","dstlen":16,"table":"7"},
         {"priority":32765,"not":null,"src":"all","fwmark":"0xca6c","table":"51820"},
         {"priority":32766,"src":"all","table":"main"}]
        """

    private static let rules = (try? PolicyRule.parse(listing, .ipv4)) ?? []

    @Test func `rules are told as ip-rule writes them`() {
        #expect(
            Self.rules.map(\.selector) == [
                "from all", "from all", "from all",
                "from 10.0.0.0/8 to 10.1.0.0/16 iif lo uidrange 0-5 ipproto tcp dport 22",
                "from all fwmark 0xd0/0xff", "from all to 10.1.0.0/16",
                "not from all fwmark 0xca6c", "from all",
            ])
        #expect(Self.rules.filter(\.isOurs).map(\.preference) == [101])
    }

    @Test(arguments: [
        ("3877", "10.1.2.3", 0xd0, 101), ("3877", "10.1.2.3", 0, nil), ("7", "10.1.2.3", 0, 102),
        ("7", "10.2.2.3", 0, nil), ("51820", "10.1.2.3", 0, 32765),
        ("51820", "10.1.2.3", 0xca6c, nil),
        ("99", "10.1.2.3", 0, nil), ("main", "10.1.2.3", 0, 99),
    ])
    func `the rule that leads a packet to a table is the first that takes it`(
        table: String, address: String, mark: UInt32, preference: Int?
    ) throws {
        let (address, family) = try #require(Address.parse(address))
        let rule = PolicyRule.leading(to: table, among: Self.rules, address, family, mark: mark)
        #expect(rule?.preference == preference)
    }
}
