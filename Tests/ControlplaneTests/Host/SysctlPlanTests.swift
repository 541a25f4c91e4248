import Testing

@testable import controlplane

@Suite("Settings under /proc/sys/net")
struct SysctlPlanTests {
    struct Case: CustomTestStringConvertible {
        let name: String
        var values: [String: String]
        var lan: [String] = []
        var tunnels: [String] = []
        var ipv6 = true
        var changes: [String] = []
        var findings: [HostFinding.Code] = []
        var testDescription: String { name }
    }

    private static let all = "ipv4/conf/all/rp_filter"
    private static let standard = "ipv4/conf/default/rp_filter"
    private static let lan0 = "ipv4/conf/lan0/rp_filter"
    private static let wan0 = "ipv4/conf/wan0/rp_filter"

    @Test(
        "what must change",
        arguments: [
            Case(
                name: "a host that is right already",
                values: [all: "0", standard: "0", "ipv4/conf/lan0/forwarding": "1"], lan: ["lan0"],
                ipv6: false),
            Case(
                name: "strict for all: every other first, `all` last, and nobody is lowered",
                values: [all: "1", standard: "0", lan0: "0", wan0: "2"],
                changes: [
                    "ipv4/conf/default/rp_filter 0→1", "ipv4/conf/lan0/rp_filter 0→1",
                    "ipv4/conf/all/rp_filter 1→0",
                ]),
            Case(
                name: "loose for all is good enough", values: [all: "2", standard: "0", lan0: "0"]),
            Case(
                name: "strict on one interface only", values: [all: "0", standard: "0", lan0: "1"]),
            Case(
                name: "forwarding for a listed interface only",
                values: [
                    all: "0", "ipv4/conf/lan0/forwarding": "0", "ipv4/conf/wan0/forwarding": "0",
                    "ipv6/conf/all/forwarding": "0", "ipv6/conf/lan0/force_forwarding": "0",
                ], lan: ["lan0"],
                changes: [
                    "ipv4/conf/lan0/forwarding 0→1", "ipv6/conf/lan0/force_forwarding 0→1",
                ]),
            Case(
                name: "IPv6 forwards for everybody already",
                values: [
                    all: "0", "ipv4/conf/lan0/forwarding": "1", "ipv6/conf/all/forwarding": "1",
                    "ipv6/conf/lan0/force_forwarding": "0",
                ], lan: ["lan0"]),
            Case(
                name: "a kernel that cannot forward IPv6 for one interface: never for all",
                values: [
                    all: "0", "ipv4/conf/lan0/forwarding": "1", "ipv6/conf/all/forwarding": "0",
                ], lan: ["lan0"], findings: [.ipv6NotForwarded]),
            Case(
                name: "what the LAN is answered by a tunnel",
                values: [
                    all: "0", "ipv4/conf/lan0/forwarding": "1", "ipv4/conf/dv-a/forwarding": "0",
                    "ipv6/conf/all/forwarding": "0", "ipv6/conf/lan0/force_forwarding": "1",
                    "ipv6/conf/dv-a/force_forwarding": "0",
                ], lan: ["lan0"], tunnels: ["dv-a"],
                changes: [
                    "ipv4/conf/dv-a/forwarding 0→1", "ipv6/conf/dv-a/force_forwarding 0→1",
                ]),
            Case(
                name: "this host's own programs are answered by a tunnel without forwarding",
                values: [
                    all: "0", "ipv4/conf/dv-a/forwarding": "0", "ipv6/conf/all/forwarding": "0",
                    "ipv6/conf/dv-a/force_forwarding": "0",
                ], tunnels: ["dv-a"]),
            Case(
                name: "a tunnel is never strict, whoever says so",
                values: [all: "1", standard: "1", "ipv4/conf/dv-a/rp_filter": "0"],
                tunnels: ["dv-a"],
                changes: ["ipv4/conf/all/rp_filter 1→0", "ipv4/conf/dv-a/rp_filter 0→2"]),
            Case(
                name: "a tunnel made while others are strict",
                values: [all: "0", standard: "1", "ipv4/conf/dv-a/rp_filter": "1"],
                tunnels: ["dv-a"], changes: ["ipv4/conf/dv-a/rp_filter 1→2"]),
            Case(
                name: "a tunnel where nobody is strict",
                values: [all: "0", standard: "0", "ipv4/conf/dv-a/rp_filter": "0"],
                tunnels: ["dv-a"]),
            Case(
                name: "a kernel that cannot forward IPv6 for a tunnel says so for the LAN only",
                values: [
                    all: "0", "ipv4/conf/lan0/forwarding": "1", "ipv4/conf/dv-a/forwarding": "1",
                    "ipv6/conf/all/forwarding": "0",
                ], lan: ["lan0"], tunnels: ["dv-a"], findings: [.ipv6NotForwarded]),
            Case(
                name: "a listed interface that does not exist", values: [all: "0"], lan: ["br-lan"],
                findings: [.lanMissing]),
        ])
    func desired(_ example: Case) {
        let plan = SysctlPlan.desired(
            values: example.values, interfaces: ["lan0", "wan0"] + example.tunnels,
            lan: example.lan,
            tunnels: example.tunnels, ipv6: example.ipv6)
        #expect(plan.changes.map { "\($0.key) \($0.was)→\($0.now)" } == example.changes)
        #expect(plan.findings.map(\.code) == example.findings)
    }

    @Test("where the LAN reaches the world, every interface but tunnels and the loopback forwards")
    func masquerade() {
        let names = ["lo", "lan0", "wan0", "dv-a"]
        let keys = SysctlPlan.keys(
            interfaces: names, lan: ["lan0"], tunnels: ["dv-a"], masquerade: true)
        let values = Dictionary(uniqueKeysWithValues: Set(keys).map { ($0, "0") })
        let plan = SysctlPlan.desired(
            values: values, interfaces: names, lan: ["lan0"], tunnels: ["dv-a"], ipv6: false,
            masquerade: true)
        #expect(
            plan.changes.map(\.key) == [
                "ipv4/conf/lan0/forwarding", "ipv4/conf/wan0/forwarding",
                "ipv4/conf/dv-a/forwarding",
            ])
        let before = SysctlChange(key: "ipv4/conf/wan0/forwarding", was: "0", now: "1")
        #expect(
            SysctlPlan.superseded([before], lan: ["lan0"], tunnels: [], masquerade: true).isEmpty)
        #expect(SysctlPlan.superseded([before], lan: ["lan0"], tunnels: []) == [before])
    }

    @Test("every value that is looked at is asked for")
    func keys() {
        let keys = Set(
            SysctlPlan.keys(interfaces: ["lan0"], lan: ["lan0"], tunnels: ["dv-a"]))
        #expect(
            keys == [
                Self.all, Self.standard, Self.lan0, "ipv4/conf/lan0/forwarding",
                "ipv6/conf/lan0/force_forwarding", "ipv6/conf/all/forwarding",
                "ipv4/conf/dv-a/forwarding", "ipv6/conf/dv-a/force_forwarding",
                "ipv4/conf/dv-a/rp_filter",
            ])
    }

    @Test("taken back last first, and only where the value is still ours")
    func undo() {
        let recorded = [
            SysctlChange(key: Self.lan0, was: "0", now: "1"),
            SysctlChange(key: Self.wan0, was: "0", now: "1"),
            SysctlChange(key: "ipv4/conf/gone/rp_filter", was: "0", now: "1"),
            SysctlChange(key: Self.all, was: "1", now: "0"),
        ]
        let undone = SysctlPlan.undo(
            recorded, values: [Self.lan0: "1", Self.wan0: "2", Self.all: "0"])
        #expect(undone.map(\.key) == [Self.all, Self.lan0])
    }

    @Test("who left `lan`, and closed tunnels, are given back; the reverse path filter stays")
    func superseded() {
        let recorded = [
            SysctlChange(key: Self.all, was: "1", now: "0"),
            SysctlChange(key: "ipv4/conf/lan0/forwarding", was: "0", now: "1"),
            SysctlChange(key: "ipv6/conf/lan0/force_forwarding", was: "0", now: "1"),
            SysctlChange(key: "ipv4/conf/lan1/forwarding", was: "0", now: "1"),
            SysctlChange(key: "ipv4/conf/dv-a/forwarding", was: "0", now: "1"),
        ]
        let first = ["ipv4/conf/lan0/forwarding", "ipv6/conf/lan0/force_forwarding"]
        func keys(_ lan: [String], _ tunnels: [String]) -> [String] {
            SysctlPlan.superseded(recorded, lan: lan, tunnels: tunnels).map(\.key)
        }
        #expect(keys(["lan1"], ["dv-a"]) == first)
        #expect(keys(["lan0", "lan1"], []) == ["ipv4/conf/dv-a/forwarding"])
        #expect(
            keys([], ["dv-a"])
                == first + ["ipv4/conf/lan1/forwarding", "ipv4/conf/dv-a/forwarding"])
    }

    @Test("a setting that was set back and changed again is recorded once, at the end")
    func merge() {
        let first = SysctlChange(key: Self.all, was: "2", now: "0")
        let other = SysctlChange(key: Self.lan0, was: "0", now: "1")
        let again = SysctlChange(key: Self.all, was: "1", now: "0")
        #expect(SysctlPlan.merge([first, other], [again]) == [other, again])
    }
}
