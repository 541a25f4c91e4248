import Protocol
import Testing

@testable import controlplane

@Suite("Host plan")
struct HostPlanTests {
    @Test("text for nft and ip, every feature at once")
    func everything() throws {
        try compare(HostPlan(HostSamples.everything), "everything")
    }

    @Test("text for nft and ip, a laptop without IPv6")
    func laptop() throws {
        try compare(HostPlan(HostSamples.laptop), "laptop")
    }

    @Test("text for nft and ip, tunnels with a device")
    func tunnels() throws {
        try compare(HostPlan(HostSamples.tunnels), "tunnels")
    }

    @Test("a tunnel's device gets routes of its own family and of what is private, better ones")
    func tunnelRoutes() throws {
        let plan = HostPlan(HostSamples.tunnels)
        let asked = Set(
            HostSamples.prefixes(["10.66.0.0/16", "fd66::/32", "10.66.8.0/24", "0.0.0.0/0"]))
        #expect(
            plan.routes(through: "dv-work", asked, [.ipv4]).map(\.replaceLine) == [
                "route replace 10.66.0.0/16 dev dv-work table 3876 metric 1024 src 192.0.0.8 proto 214"
            ])
        #expect(
            plan.routes(through: "dv-work", asked, [.ipv4, .ipv6]).map(\.source)
                == ["192.0.0.8", "fd64:7670:6e00::1"])
    }

    @Test("TCP that is routed is never accepted before its far side")
    func routedIsNotEager() throws {
        var input = HostSamples.laptop
        let packets = PacketSettings(device: "dv-a", tcp: .route)
        input.listening = .all()
        input.networks = [HostSamples.network(["10.1.2.0/24"], connect: .eager, packets: packets)]
        #expect(HostPlan(input).sets.eager.ipv4.isEmpty)
        input.networks[0].packets?.tcp = .splice
        #expect(HostPlan(input).sets.eager.ipv4 == ["10.1.2.0/24"])
        #expect(HostPlan(input).sets.steered.ipv4 == ["10.1.2.0/24"])
    }

    @Test("nobody is led to a port that may be somebody else's")
    func listening() {
        var input = HostSamples.laptop
        input.ipv6 = true
        input.networks = [
            HostSamples.network(["10.1.2.0/24", "fd01:2::/64"], connect: .eager),
            HostSamples.network(["10.3.0.0/16", "fd03::/32"], .direct, connect: .eager),
        ]
        for (listening, ipv4, ipv6) in [
            (nil, false, false), (FamilySet(ipv4: true, ipv6: false), true, false),
            (FamilySet(ipv4: false, ipv6: true), false, true), (.all(), true, true),
        ] as [(FamilySet?, Bool, Bool)] {
            input.listening = listening
            let sets = HostPlan(input).sets
            #expect(sets.eager.ipv4 == (ipv4 ? ["10.1.2.0/24", "10.3.0.0/16"] : []))
            #expect(sets.eager.ipv6 == (ipv6 ? ["fd01:2::/64", "fd03::/32"] : []))
            #expect(sets.steered.ipv6 == ["fd03::/32"])
        }
    }

    @Test("a port in other hands is found where somebody needs it")
    func portTaken() {
        var input = HostSamples.laptop
        input.ipv6 = true
        #expect(PortFinding.findings(input).isEmpty)
        input.listening = FamilySet(ipv4: true, ipv6: false)
        #expect(PortFinding.findings(input).map(\.code) == [.portTaken])
        #expect(
            PortFinding.findings(input)[0].message.hasPrefix(
                "port 3876 is not the dataplane's in IPv6"))
        input.ipv6 = false
        #expect(PortFinding.findings(input).isEmpty)
        input.ipv6 = true
        input.networks = [HostSamples.network(["10.1.2.0/24"])]
        #expect(PortFinding.findings(input).isEmpty)
        input.listening = FamilySet(ipv4: false, ipv6: true)
        #expect(PortFinding.findings(input)[0].message.contains("in IPv4"))
    }

    @Test("networks behind ssh cost no rule and no set beside the guard's")
    func manyNetworks() throws {
        var input = HostSamples.laptop
        let few = HostPlan(input).script.split(separator: "\n").count
        input.networks = (0..<200).map { HostSamples.network(["10.\($0).0.0/24"]) }
        #expect(HostPlan(input).script.split(separator: "\n").count == few)
    }

    @Test("without networks only the doorbell's own routes and rules are left")
    func empty() {
        let plan = HostPlan(HostInput(networks: [], lan: [], users: HostUsers()))
        #expect(plan.routes.map(\.table) == [HostNames.bellTable, HostNames.bellTable])
        #expect(plan.rules.count == 4)
        #expect(plan.sets.guarded == NftSets.ByFamily(ipv4: [], ipv6: []))
    }

    @Test("a gateway outside every tunnelled prefix changes nothing")
    func gatewayOutside() {
        var input = HostSamples.laptop
        let plan = HostPlan(input)
        input.gateways = [HostSamples.prefix("203.0.113.7")]
        #expect(HostPlan(input) == plan)
    }

    @Test("a gateway inside its own prefix is routed elsewhere and not guarded")
    func gatewayInside() {
        var input = HostSamples.laptop
        input.gateways = [HostSamples.prefix("10.1.2.7")]
        let plan = HostPlan(input)
        #expect(
            plan.routes.contains {
                $0.kind == .throw && $0.prefix == HostSamples.prefix("10.1.2.7")
            })
        #expect(plan.sets.guarded.ipv4 == ["10.1.2.0-10.1.2.6", "10.1.2.8-10.1.2.255"])
    }

    @Test("of a subnet that is on the LAN and private at once, the LAN is served")
    func lanIsPrivate() {
        var input = HostSamples.laptop
        input.lanSubnets = HostSamples.prefixes(["10.1.2.0/24"])
        let plan = HostPlan(input)
        #expect(!plan.routes.contains { $0.kind == .unicast && $0.prefix.length == 24 })
        #expect(plan.sets.guarded.ipv4.isEmpty)
    }

    @Test("a private prefix inside a LAN subnet stays private")
    func privateInsideLan() {
        var input = HostSamples.laptop
        input.lanSubnets = HostSamples.prefixes(["10.1.0.0/16"])
        #expect(HostPlan(input).sets.guarded.ipv4 == ["10.1.2.0/24"])
        #expect(HostPlan(input).routes == HostPlan(HostSamples.laptop).routes)
    }

    @Test("the doorbell and the loopback are never a LAN")
    func noLan() {
        var input = HostSamples.laptop
        input.lan = ["lo", "dvpn0"]
        #expect(HostPlan(input).script == HostPlan(HostSamples.laptop).script)
    }

    @Test("the order of networks and interfaces does not matter")
    func order() {
        var input = HostSamples.everything
        input.networks.reverse()
        input.lan.reverse()
        #expect(HostPlan(input).script == HostPlan(HostSamples.everything).script)
    }

    @Test("of sets that change, only the elements that are other are written")
    func elements() {
        func plan(_ numbers: [Int], _ packets: PacketSettings? = nil) -> HostPlan {
            let prefixes = numbers.map { "10.\($0).0.0/16" }
            var input = HostSamples.laptop
            input.networks = [
                packets.map { HostSamples.network(prefixes, packets: $0) }
                    ?? HostSamples.network(prefixes)
            ]
            return HostPlan(input)
        }
        let old = plan([1, 3, 5, 7])
        #expect(plan([1, 3, 5, 7]).script(after: old).isEmpty)
        #expect(
            plan([1, 2, 5, 9]).script(after: old) == """
                delete element inet dvpn_guard private4 { 10.1.0.0/16, 10.3.0.0/16, 10.7.0.0/16 }
                add element inet dvpn_guard private4 { 10.1.0.0-10.2.255.255, 10.9.0.0/16 }

                """)
        // Rules are left out where a set is empty, and name devices.
        let (none, routed) = (plan([]), plan([1], PacketSettings(device: "dv-x")))
        for (to, from) in [(old, none), (none, old), (routed, old), (old, routed)] {
            #expect(to.script(after: from) == to.script)
        }
    }

    @Test("a map's new line inside a network with blocked ports opens them for its prefix alone")
    func blockedPorts() {
        func plan(_ mapped: [String], ports: [UInt16] = [445]) -> HostPlan {
            var input = HostSamples.laptop
            input.networks = [HostSamples.network(["10.0.0.0/14"])]
            input.networks[0].blockedPorts = ports
            input.networks += mapped.map { HostSamples.network([$0]) }
            return HostPlan(input)
        }
        let old = plan([])
        #expect(
            plan(["10.1.0.0/16"]).script(after: old) == """
                delete element inet dvpn blocked4 { 10.0.0.0/14 . tcp . 445, 10.0.0.0/14 . udp . 445 }
                add element inet dvpn blocked4 { 10.0.0.0/16 . tcp . 445, 10.0.0.0/16 . udp . 445, \
                10.2.0.0/15 . tcp . 445, 10.2.0.0/15 . udp . 445 }

                """)
        #expect(
            plan([], ports: [25, 445]).script(after: old) == """
                add element inet dvpn blocked4 { 10.0.0.0/14 . tcp . 25, 10.0.0.0/14 . udp . 25 }

                """)
    }

    @Test("a gateway matters within a network, also where it cuts a hole into it")
    func known() {
        var input = HostSamples.laptop
        for gateways in [[], ["10.1.2.7"], ["10.1.2.0/24"]] {
            input.gateways = Set(HostSamples.prefixes(gateways))
            let plan = HostPlan(input)
            #expect(plan.isKnown(HostSamples.prefix("10.1.2.7")))
            #expect(!plan.isKnown(HostSamples.prefix("10.1.3.7")))
        }
    }

    private func compare(_ plan: HostPlan, _ name: String) throws {
        try Golden.expect(plan.script, equals: "\(name).nft")
        let lines = Family.allCases.flatMap { family in
            ["# ip -\(family.rawValue) -batch -"]
                + RoutingChange.routes(family, desired: plan.routes, actual: [])
                + RoutingChange.rules(family, desired: plan.rules, actual: [])
        }
        try Golden.expect(lines.joined(separator: "\n") + "\n", equals: "\(name).ip")
    }
}
