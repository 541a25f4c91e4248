import Testing

@testable import controlplane

@Suite("what a client's script is told, and makes of it")
struct ScriptPlanTests {
    /// As vpnc 0.5.3 called it for strongSwan.
    private let vpnc = [
        "reason": "connect", "TUNDEV": "dv-work", "VPNGATEWAY": "198.51.100.1",
        "CISCO_BANNER": "Welcome to lab concentrator 1", "CISCO_DEF_DOMAIN": "Corp.Example.",
        "CISCO_SPLIT_INC": "2", "CISCO_SPLIT_INC_0_ADDR": "10.66.0.0",
        "CISCO_SPLIT_INC_0_MASK": "255.255.255.0", "CISCO_SPLIT_INC_0_MASKLEN": "24",
        "CISCO_SPLIT_INC_1_ADDR": "10.67.1.9", "CISCO_SPLIT_INC_1_MASKLEN": "16",
        "INTERNAL_IP4_ADDRESS": "10.66.200.1", "INTERNAL_IP4_DNS": "10.66.0.10 10.66.0.11",
    ]

    /// As openconnect 9.01 called it for ocserv with IPv6.
    private let openconnect = [
        "reason": "connect", "TUNDEV": "dv-oc", "VPNGATEWAY": "198.51.100.1",
        "CISCO_DEF_DOMAIN": "corp.example", "CISCO_SPLIT_DNS": "corp.example,lab.example",
        "CISCO_SPLIT_INC": "1", "CISCO_SPLIT_INC_0_ADDR": "10.66.0.0",
        "CISCO_SPLIT_INC_0_MASKLEN": "24", "CISCO_IPV6_SPLIT_INC": "1",
        "CISCO_IPV6_SPLIT_INC_0_ADDR": "fd00:66::", "CISCO_IPV6_SPLIT_INC_0_MASKLEN": "64",
        "INTERNAL_IP4_ADDRESS": "10.66.201.50", "INTERNAL_IP4_MTU": "1434",
        "INTERNAL_IP4_NETMASK": "255.255.255.0", "INTERNAL_IP4_DNS": "10.66.0.10",
        "INTERNAL_IP6_ADDRESS": "fd00:66:0:201::32", "INTERNAL_IP6_DNS": "fd00:66::10",
        "INTERNAL_IP6_NETMASK": "fd00:66:0:201::32/128", "VPNPID": "8222",
    ]

    private func plan(
        _ variables: [String: String], mtu: Int? = 1_500, hasIPv6: Bool = true
    ) -> ScriptPlan {
        ScriptPlan(
            ScriptEnvironment(variables), outer: CarrierPath(address: "203.0.113.2", mtu: mtu),
            hasIPv6: hasIPv6)
    }

    @Test("vpnc's tunnel, golden: addresses, packet size and link, no route")
    func golden4() {
        let plan = plan(vpnc)
        #expect(
            plan.lines == [
                "link set dev dv-work addrgenmode none", "link set dev dv-work mtu 1412 up",
                "address replace 10.66.200.1/32 dev dv-work",
            ])
        #expect(
            plan.device
                == TunnelDevice(
                    name: "dv-work", addresses: ["10.66.200.1"], mtu: 1_412,
                    pushed: PushedSettings(
                        nameServers: ["10.66.0.10", "10.66.0.11"], domains: ["corp.example"],
                        routes: ["10.66.0.0/24", "10.67.0.0/16"],
                        banner: "Welcome to lab concentrator 1"), outerAddress: "203.0.113.2"))
    }

    @Test("openconnect's tunnel, golden: both families, the size it says")
    func golden6() {
        let plan = plan(openconnect)
        #expect(
            plan.lines == [
                "link set dev dv-oc addrgenmode none", "link set dev dv-oc mtu 1434 up",
                "address replace 10.66.201.50/32 dev dv-oc",
                "address replace fd00:66:0:201::32/128 dev dv-oc nodad",
            ])
        #expect(plan.device.addresses == ["10.66.201.50", "fd00:66:0:201::32"])
        #expect(
            plan.device.pushed
                == PushedSettings(
                    nameServers: ["10.66.0.10", "fd00:66::10"],
                    domains: ["corp.example", "lab.example"],
                    routes: ["10.66.0.0/24", "fd00:66::/64"]))
        // A host without IPv6 refuses every word about it.
        #expect(
            self.plan(openconnect, hasIPv6: false).lines == [
                "link set dev dv-oc mtu 1434 up", "address replace 10.66.201.50/32 dev dv-oc",
            ])
    }

    @Test("the packet size follows the outer path, and never falls below what the family needs")
    func sizes() {
        func mtu(_ outer: Int?, _ variables: [String: String]) -> Int? {
            plan(variables, mtu: outer).device.mtu
        }
        #expect(mtu(1_492, vpnc) == 1_404)
        #expect(mtu(nil, vpnc) == 1_412)
        #expect(mtu(600, vpnc) == 576)
        var small = openconnect
        small["INTERNAL_IP4_MTU"] = "1000"
        #expect(mtu(1_500, small) == 1_280)
        small["INTERNAL_IP4_MTU"] = "nonsense"
        #expect(mtu(1_500, small) == 1_412)
    }

    @Test("a gateway that wants everything pushes no routes", arguments: ["0.0.0.0", "10.0.0.0"])
    func everything(_ address: String) {
        var variables = vpnc
        variables["CISCO_SPLIT_INC_1_ADDR"] = address
        variables["CISCO_SPLIT_INC_1_MASKLEN"] = "0"
        #expect(ScriptEnvironment(variables).pushed.routes == [])
        variables["CISCO_SPLIT_INC"] = nil
        #expect(ScriptEnvironment(variables).pushed.routes == [])
    }

    @Test("what a gateway makes up is left out, and bounded")
    func garbage() {
        let environment = ScriptEnvironment([
            "reason": "surprise", "TUNDEV": "dv-work", "INTERNAL_IP4_ADDRESS": "10.0.0.1; reboot",
            "INTERNAL_IP4_DNS": "10.0.0.1;x 10.0.0.2 $(reboot)",
            "CISCO_DEF_DOMAIN": "corp.example `reboot` . a..b",
            "CISCO_SPLIT_DNS": "corp.example,x y/z",
            "CISCO_SPLIT_INC": "99999999999999999999", "CISCO_BANNER": "\u{1b}[2Jhello\n\u{7}",
            "VPNGATEWAY": "evil",
        ])
        #expect(environment.reason == nil)
        #expect(environment.address4 == nil)
        #expect(environment.gateway == nil)
        #expect(environment.pushed.nameServers == ["10.0.0.2"])
        #expect(environment.pushed.domains == ["corp.example", "a.b", "x"])
        #expect(environment.pushed.banner == "[2Jhello\n")
        var many = vpnc
        many["CISCO_SPLIT_INC"] = "70000"
        for index in 0..<2_000 {
            many["CISCO_SPLIT_INC_\(index)_ADDR"] = "10.\(index / 256).\(index % 256).0"
            many["CISCO_SPLIT_INC_\(index)_MASKLEN"] = index == 5 ? "33" : "24"
        }
        #expect(ScriptEnvironment(many).pushed.routes.count == 1_023)
    }

    @Test("the kernel is asked for the path")
    func outer() throws {
        let path = try #require(CarrierPath(to: "127.0.0.1"))
        #expect(path.address == "127.0.0.1")
        #expect(path.mtu ?? 0 > 1_500)
        #expect(CarrierPath(to: "vpn.corp.example") == nil)
    }

    @Test("a report is read back as it was written; another version is none")
    func report() throws {
        let directory = TestDirectory()
        let report = ScriptReport(device: plan(vpnc).device, failure: "no")
        try report.save(to: directory.path("r"))
        #expect(ScriptReport.load(from: directory.path("r")) == report)
        var other = report
        other.version = 2
        try other.save(to: directory.path("r"))
        #expect(ScriptReport.load(from: directory.path("r")) == nil)
        #expect(ScriptReport.load(from: directory.path("none")) == nil)
    }
}
