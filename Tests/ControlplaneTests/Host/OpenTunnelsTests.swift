import Protocol
import Testing

@testable import controlplane

@Suite("Open tunnels")
struct OpenTunnelsTests {
    private let plan = HostPlan(HostSamples.tunnels)
    private let input = HostSamples.tunnels
    private let prefix = HostSamples.prefix("10.66.0.0/16")

    @Test("a tunnel that was opened has its routes while its device is there")
    func open() throws {
        var tunnels = OpenTunnels()
        tunnels.configured(input.tunnels, isFirst: true)
        tunnels.opened("dv-work", [prefix])
        #expect(tunnels.routes(plan, try links(["dv-work"]), []).map(\.device) == ["dv-work"])
        #expect(tunnels.routes(plan, try links(["wg0"]), []).isEmpty)
        tunnels.closed("dv-work")
        #expect(tunnels.routes(plan, try links(["dv-work"]), []).isEmpty)
    }

    @Test("what an earlier life opened stays until somebody decides, and only what is still right")
    func undecided() throws {
        var tunnels = OpenTunnels()
        tunnels.configured(input.tunnels, isFirst: true)
        let there =
            plan.routes(through: "dv-work", [prefix], [.ipv4])
            + plan.routes(through: "dv-work", [HostSamples.prefix("172.30.0.0/16")], [.ipv4])
            + plan.routes(through: "dv-gone", [prefix], [.ipv4])
        let links = try links(["dv-work", "dv-gone"])
        #expect(tunnels.routes(plan, links, there) == [there[0]])
        tunnels.configured(input.tunnels, isFirst: false)
        #expect(tunnels.routes(plan, links, there) == [there[0]])
        tunnels.closed("dv-work")
        #expect(tunnels.routes(plan, links, there).isEmpty)
        tunnels.configured(input.tunnels, isFirst: false)
        #expect(tunnels.routes(plan, links, there).isEmpty)
    }

    @Test("another configuration changes an open tunnel's prefixes, or ends its routes")
    func configured() throws {
        var tunnels = OpenTunnels()
        tunnels.configured(input.tunnels, isFirst: true)
        tunnels.opened("dv-work", [])
        tunnels.configured(input.tunnels, isFirst: false)
        #expect(tunnels.open["dv-work"]?.contains(prefix) == true)
        tunnels.configured([:], isFirst: false)
        #expect(tunnels == OpenTunnels())
    }

    private func links(_ names: [String]) throws -> [LinkListing] {
        let entries = names.map { name in
            """
            {"ifname":"\(name)","flags":["UP"],"mtu":1390,"addr_info":[\
            {"family":"inet","local":"10.66.200.5","prefixlen":32,"scope":"global"}]}
            """
        }
        return try LinkListing.parse("[" + entries.joined(separator: ",") + "]")
    }
}
