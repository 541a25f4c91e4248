import Protocol
import Testing

@testable import controlplane

@Suite("Routing change")
struct RoutingChangeTests {
    private let plan = HostPlan(HostSamples.laptop)

    @Test("what is right already is left alone")
    func equal() {
        #expect(RoutingChange.routes(.ipv4, desired: plan.routes, actual: plan.routes).isEmpty)
        #expect(RoutingChange.rules(.ipv4, desired: plan.rules, actual: plan.rules).isEmpty)
    }

    @Test("the unreachable route of a prefix is there before its route to the doorbell")
    func closedFirst() throws {
        let lines = RoutingChange.routes(.ipv4, desired: plan.routes, actual: [])
        let closed = try #require(lines.firstIndex { $0.contains("unreachable 10.1.2.0/24") })
        let open = try #require(lines.firstIndex { $0.contains("dev dvpn0 table 3876") })
        #expect(closed < open)
    }

    @Test("a route with another device or source is replaced, not doubled")
    func changed() throws {
        var actual = plan.routes
        let index = try #require(actual.firstIndex { $0.source != nil })
        actual[index].source = "10.9.9.9"
        #expect(
            RoutingChange.routes(.ipv4, desired: plan.routes, actual: actual) == [
                "route replace 10.1.2.0/24 dev dvpn0 table 3876 metric 4096 src 192.0.0.8 proto 214"
            ])
    }

    @Test("leftovers are removed after everything else, unknown kinds too")
    func leftovers() {
        let old = HostRoute(
            table: 3876, prefix: HostSamples.prefix("10.9.0.0/16"), kind: .unreachable, metric: 8192
        )
        let odd = HostRoute(
            table: 99, prefix: HostSamples.prefix("10.8.0.0/16"), kind: .other, metric: 0)
        let lines = RoutingChange.routes(.ipv4, desired: plan.routes, actual: [old, odd])
        #expect(
            lines.suffix(2) == [
                "route del 10.8.0.0/16 table 99 metric 0 proto 214",
                "route del unreachable 10.9.0.0/16 table 3876 metric 8192 proto 214",
            ])
    }

    @Test("a rule that is there twice is removed once, one with other selectors by its preference")
    func rules() {
        let odd = HostRule(family: .ipv4, preference: 3870, table: 0)
        #expect(
            RoutingChange.rules(
                .ipv4, desired: plan.rules, actual: plan.rules + [plan.rules[1], odd]) == [
                    "rule del pref 3874 lookup 3876 protocol 214",
                    "rule del pref 3870 protocol 214",
                ])
    }

    @Test("without anything desired everything of ours goes, and only this family's")
    func nothingDesired() {
        let both = HostPlan(HostSamples.everything)
        #expect(RoutingChange.rules(.ipv6, desired: [], actual: both.rules).count == 2)
        #expect(
            RoutingChange.routes(.ipv6, desired: [], actual: both.routes).count
                == both.routes.filter { $0.prefix.family == .ipv6 }.count)
    }
}
