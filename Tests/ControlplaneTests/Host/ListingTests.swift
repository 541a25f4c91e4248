import Protocol
import Testing

@testable import controlplane

/// Samples are what iproute2 6.1 and nft 1.0.6 answered.
@Suite("Listings")
struct ListingTests {
    @Test("routes read back as they were planned")
    func routes() throws {
        let json = """
            [{"dst":"10.1.2.0/24","dev":"dvpn0","table":"3876","scope":"link","prefsrc":"192.0.0.8",\
            "metric":4096,"flags":["linkdown"]},{"type":"unreachable","dst":"10.1.2.0/24",\
            "table":"3876","metric":8192,"flags":[]},{"dst":"default","dev":"dvpn0","table":"3877",\
            "scope":"link","metric":4096,"flags":[]},{"dst":"fd01:2::/64","dev":"dvpn0",\
            "table":"3876","metric":4096,"flags":[]}]
            """
        let routes = try RouteListing.parse(json, .ipv4)
        let desired = HostPlan(HostSamples.laptop).routes
        #expect(routes == desired)
    }

    @Test("IPv6 shows routes without a device on lo")
    func routes6() throws {
        let json = """
            [{"type":"throw","dst":"fd01:2::7","dev":"lo","table":"3876","metric":16,"flags":[],\
            "pref":"medium"}]
            """
        let route = try #require(try RouteListing.parse(json, .ipv6).first)
        #expect(route.kind == .throw)
        #expect(route.device == nil)
        #expect(route.prefix == HostSamples.prefix("fd01:2::7/128"))
    }

    @Test("a route by a gateway, or of another type, is none that dvpn makes")
    func oddRoutes() throws {
        let json = """
            [{"dst":"10.5.0.0/16","gateway":"203.0.113.1","dev":"wan0","table":"3876","flags":[]},\
            {"type":"blackhole","dst":"10.6.0.1","flags":[]}]
            """
        let routes = try RouteListing.parse(json, .ipv4)
        #expect(routes.map(\.kind) == [.other, .other])
        #expect(routes.map(\.table) == [3876, 254])
    }

    @Test("rules of ours and nobody else's")
    func rules() throws {
        let json = """
            [{"priority":0,"src":"all","table":"local"},{"priority":3872,"src":"all","fwmark":"0xd0",\
            "fwmask":"0xff","table":"3877","protocol":"214"},{"priority":3874,"src":"all",\
            "table":"3876","protocol":"214"},{"priority":3874,"src":"all","table":"3876"},\
            {"priority":32766,"src":"all","table":"main"}]
            """
        #expect(try RuleListing.parse(json, .ipv4) == HostPlan(HostSamples.laptop).rules)
    }

    @Test("a rule of ours with another selector matches none of the plan")
    func oddRules() throws {
        let json = """
            [{"priority":3874,"src":"10.0.0.0","srclen":8,"table":"3876","protocol":"214"},\
            {"priority":3870,"src":"all","dst":"1.2.3.4","table":"main","protocol":"214"}]
            """
        #expect(try RuleListing.parse(json, .ipv4).map(\.table) == [0, 0])
    }

    @Test("nothing is an empty list", arguments: ["", "\n", "[]", "[ ]\n"])
    func nothing(_ json: String) throws {
        #expect(try RouteListing.parse(json, .ipv4).isEmpty)
        #expect(try RuleListing.parse(json, .ipv6).isEmpty)
        #expect(try LinkListing.parse(json).isEmpty)
    }

    @Test("an answer that is no JSON is an error that says whose")
    func broken() {
        #expect(throws: HostError.self) { try RouteListing.parse("Device not found", .ipv4) }
    }

    @Test("subnets of the listed interfaces, without link-local ones and single hosts")
    func subnets() throws {
        let json = """
            [{},{"ifname":"lan0","flags":["UP"],"mtu":1500,"addr_info":[\
            {"family":"inet","local":"192.168.77.1","prefixlen":24,"scope":"global"},\
            {"family":"inet","local":"10.0.0.1","prefixlen":32,"scope":"global"},\
            {"family":"inet6","local":"fd77::1","prefixlen":64,"scope":"global"},\
            {"family":"inet6","local":"fe80::1","prefixlen":64,"scope":"link"}]},\
            {"ifname":"wan0","flags":["UP"],"mtu":1500,"addr_info":[\
            {"family":"inet","local":"203.0.113.2","prefixlen":24,"scope":"global"}]}]
            """
        let links = try LinkListing.parse(json)
        #expect(links.map(\.ifname) == ["lan0", "wan0"])
        #expect(
            LinkListing.subnets(links, of: ["lan0", "gone"])
                == HostSamples.prefixes(["192.168.77.0/24", "fd77::/64"]))
    }

    @Test("a device carries the families that it has addresses of, once it is up")
    func families() throws {
        let json = """
            [{"ifname":"dv-a","flags":["UP"],"mtu":1390,"addr_info":[\
            {"family":"inet","local":"10.66.200.5","prefixlen":32,"scope":"global"},\
            {"family":"inet6","local":"fe80::1","prefixlen":64,"scope":"link"}]},\
            {"ifname":"dv-b","flags":["UP"],"mtu":1390,"addr_info":[\
            {"family":"inet6","local":"fd66::5","prefixlen":128,"scope":"global"}]},\
            {"ifname":"dv-c","flags":[],"mtu":1390,"addr_info":[\
            {"family":"inet","local":"10.66.200.5","prefixlen":32,"scope":"global"}]}]
            """
        #expect(try LinkListing.parse(json).map(\.families) == [[.ipv4], [.ipv6], []])
    }

    @Test("flows that keep tunnels up, the youngest first")
    func keepers() throws {
        let listing = """
            table inet dvpn {
            \tset lan {
            \t\ttype ifname
            \t\telements = { "lan0" }
            \t}

            \tset kept_tcp4 {
            \t\ttype ifname . ipv4_addr . ipv4_addr . inet_service . inet_service
            \t\tsize 4096
            \t\tflags dynamic,timeout
            \t\ttimeout 1h
            \t\telements = { "dv-a" . 192.0.2.9 . 10.6.0.1 . 51000 . 22 timeout 5m expires 4m58s12ms,
            \t\t\t     "dv-b" . 192.0.2.9 . 10.7.0.1 . 51001 . 22 timeout 1h1m expires 1h999ms }
            \t}

            \tset kept_udp6 {
            \t\ttype ifname . ipv6_addr . ipv6_addr . inet_service . inet_service
            \t\tsize 4096
            \t\tflags dynamic,timeout
            \t\ttimeout 1h
            \t\telements = { "dv-a" . fd77::1 . fd66::1 . 40000 . 53 timeout 5m expires 5m }
            \t}

            \tset kept_other4 {
            \t\ttype ifname . ipv4_addr . ipv4_addr . inet_proto
            \t\tsize 4096
            \t\tflags dynamic,timeout
            \t\ttimeout 1h
            \t\telements = { "dv-a" . 192.0.2.9 . 10.6.0.1 . 1 timeout 1m30s500ms expires 1m30s }
            \t}

            \tset told4 {
            \t\ttype ipv4_addr
            \t\tsize 4096
            \t\tflags dynamic,timeout
            \t\ttimeout 10s
            \t\telements = { 10.0.0.1 limit rate 1/second timeout 10s expires 9s }
            \t}
            }
            """
        let flows = KeeperListing.parse(listing)
        #expect(Set(flows.keys) == ["dv-a", "dv-b"])
        #expect(flows["dv-a"]?.map(\.ageMs) == [0, 500, 1988])
        #expect(flows["dv-a"]?.map(\.ipProtocol) == [17, 1, 6])
        #expect(flows["dv-a"]?.map(\.source.port) == [40_000, 0, 51_000])
        #expect(flows["dv-a"]?.map(\.target.port) == [53, 0, 22])
        let last = try #require(flows["dv-a"]?.last)
        #expect(last.source.address.text(.ipv4) == "192.0.2.9")
        #expect(last.target.address.text(.ipv4) == "10.6.0.1")
        #expect(flows["dv-b"]?.map(\.ageMs) == [59_001])
        #expect(KeeperListing.parse("").isEmpty)
    }

    @Test("what went out by a device")
    func sent() {
        let listing = """
            table inet dvpn {
            \tset sent {
            \t\ttype ifname
            \t\tsize 1024
            \t\tflags dynamic,timeout
            \t\ttimeout 1h
            \t\telements = { "dv-a" counter packets 6 bytes 504 expires 59m59s992ms,
            \t\t\t     "dv-b" counter packets 70 bytes 9000 expires 1s }
            \t}
            }
            """
        #expect(SentListing.packets(listing, by: "dv-a") == 6)
        #expect(SentListing.packets(listing, by: "dv-b") == 70)
        #expect(SentListing.packets(listing, by: "dv-c") == 0)
        #expect(SentListing.packets("", by: "dv-a") == 0)
    }

    @Test(
        "times as nft writes them",
        arguments: [
            ("1d2h3m4s5ms", 93_784_005), ("0s", 0), ("15ms", 15), ("1h", 3_600_000), ("", 0),
            ("5", nil), ("5x", nil), ("s", nil), ("99999999999999999999s", nil),
        ])
    func times(_ text: String, _ milliseconds: Int64?) {
        #expect(KeeperListing.milliseconds(text[...]) == milliseconds)
    }

    @Test("what the kernel adds to dynamic sets is not part of a ruleset")
    func dynamicElements() {
        func listing(_ told: String, _ lan: String) -> RulesetListing {
            RulesetListing(
                """
                table inet dvpn {
                \tcounter forged {
                \t}

                \tset told4 {
                \t\ttype ipv4_addr
                \t\tsize 4096
                \t\tflags dynamic,timeout
                \(told)\t}

                \tset lan {
                \t\ttype ifname
                \t\telements = { \(lan) }
                \t}

                \tchain bell {
                \t\tnotrack
                \t}
                }
                """)
        }
        let empty = listing("", "\"lan0\"")
        let full = listing(
            "\t\telements = { 10.0.0.1 limit rate 1/second,\n\t\t\t     10.0.0.2 limit rate 1/second }\n",
            "\"lan0\"")
        #expect(full.fingerprint == empty.fingerprint)
        #expect(listing("", "\"lan1\"").fingerprint != empty.fingerprint)
        #expect(empty.objects == ["counter forged", "set told4", "set lan", "chain bell"])
    }

    @Test("the objects that a script makes are those that it adds")
    func objects() {
        let plan = HostPlan(HostSamples.everything)
        let guarding = RulesetListing.objects(addedBy: plan.script, table: HostNames.guarding)
        #expect(
            guarding == [
                "counter leak", "set tunnels", "set private4", "set private6", "set ways4",
                "set ways6", "set assigned4", "set assigned6", "chain leave", "chain learn",
                "chain private", "chain bell",
            ])
        let steering = RulesetListing.objects(addedBy: plan.script, table: HostNames.steering)
        #expect(steering.count == 56)
    }
}
