import Protocol
import Testing

@testable import controlplane

@Suite("Whose names are private")
struct ZonePlanTests {
    private func network(
        _ name: String = "work", host: String = "vpn.corp.example",
        prefixes: [String] = ["10.66.0.0/16"], domains: [String] = [], servers: [String] = [],
        start: PacketFilter? = nil
    ) -> Network {
        let client = VPNCClient(
            host: host, device: "dv-\(name)", group: "g", groupSecret: .ask, username: "u",
            password: .ask)
        var network = Network(
            name: name, prefixes: prefixes.compactMap { try? Prefix(text: $0) },
            via: .tunnel(TunnelSettings(idleMs: 1, client: .vpnc(client))), connect: .truthful,
            source: SourcePosition(file: "f", line: 1, column: 1))
        network.packets = PacketSettings(device: "dv-\(name)")
        if let start { network.packets?.start = start }
        network.domains = domains
        network.nameServers = servers
        return network
    }

    private func plan(
        _ networks: [Network], _ pushed: [String: PushedSettings] = [:],
        lastGood: [String: String] = [:], state: TunnelMachine.DataState = .idle
    ) -> ZonePlan {
        ZonePlan(networks, pushed: pushed, lastGood: lastGood) { _ in state }
    }

    @Test("the configuration's domains and servers, and the gateway's name in its domain")
    func configured() {
        let plan = plan(
            [network(domains: ["corp.example"], servers: ["10.66.0.10"])],
            ["work": PushedSettings(nameServers: ["10.66.0.11"], domains: ["Lab.Example"])],
            lastGood: ["vpn.corp.example": "203.0.113.7"], state: .up)
        let wanted = ZoneSamples.zone(
            domains: ["corp.example", "lab.example"], servers: ["10.66.0.10"],
            gateway: .init(name: "vpn.corp.example", lastGood: "203.0.113.7"))
        #expect(plan.zones == [wanted])
        #expect(plan.refusals == [])
    }

    @Test("without domains there are the names of addresses, if somebody knows them")
    func reverse() {
        let known = plan(
            [network()], ["work": PushedSettings(nameServers: ["10.66.0.11"])], state: .up)
        #expect(known.zones == [ZoneSamples.zone(domains: [], servers: ["10.66.0.11"])])
        #expect(plan([network()]).zones == [])
    }

    @Test(
        "a pushed domain that is no domain, or takes names from others",
        arguments: [
            ("", "is no domain"), (".", "is no domain"), ("corp", "at the top"),
            ("com", "at the top"), ("local", "at the top"), ("localhost", "is no domain"),
            ("a b.example", "is no domain"),
            ("a.example/10.0.0.1", "is no domain"), ("a.example\nserver=9.9.9.9", "is no domain"),
            ("#", "is no domain"), ("*.corp.example", "is no domain"), ("10.66", "is no domain"),
            ("9.66.10.in-addr.arpa", "prefixes say"), ("ip6.arpa", "prefixes say"),
            ("other.example", "it belongs to network other"),
            ("secret.Other.example", "it belongs to network other"),
            (String(repeating: "a", count: 64) + ".example", "is no domain"),
        ])
    func refusedDomains(_ domain: String, _ reason: String) {
        let other = network(
            "other", prefixes: ["10.67.0.0/16"], domains: ["other.example"],
            servers: ["10.67.0.1"])
        let plan = plan(
            [network(domains: ["corp.example"]), other],
            ["work": PushedSettings(domains: [domain, "good.example"])])
        #expect(
            plan.zones.map(\.domains) == [["corp.example", "good.example"], ["other.example"]])
        #expect(plan.refusals.count == 1)
        #expect(plan.refusals.first?.contains(reason) == true, "\(plan.refusals)")
    }

    @Test("below another's domain there may be one of the network's own")
    func nested() {
        let other = network("other", prefixes: ["10.67.0.0/16"], domains: ["example"])
        let pushed = ["work": PushedSettings(domains: ["lab.corp.example", "lab.example"])]
        let plan = plan([network(domains: ["corp.example"]), other], pushed)
        #expect(plan.zones.map(\.domains) == [["corp.example", "lab.corp.example"], ["example"]])
        #expect(
            plan.refusals == [
                "network work: domain lab.example is not used: it belongs to network other"
            ])
    }

    @Test("a gateway's name may lie in another network's domain, written or pushed")
    func foreignGateway() {
        let bare = network("bare", host: "vpn.corp.example", prefixes: ["10.67.0.0/16"])
        let work = network(host: "203.0.113.7", domains: ["corp.example"])
        let gateway = Zone.Gateway(name: "vpn.corp.example", lastGood: "203.0.113.8")
        for networks in [[bare, work], [work, bare]] {
            let zones = plan(networks, lastGood: ["vpn.corp.example": "203.0.113.8"]).zones
            #expect(zones.first { $0.network == "bare" }?.gateway == gateway)
            // It has no names of its own, nor those of its addresses.
            #expect(zones.first { $0.network == "bare" }?.prefixes == [])
            #expect(zones.first { $0.network == "work" }?.gateway == nil)
        }
        let told = plan(
            [bare, network(host: "203.0.113.7")],
            ["work": PushedSettings(domains: ["corp.example"])])
        #expect(told.zones.map(\.gateway?.name) == ["vpn.corp.example", nil])
        #expect(plan([bare]).zones == [])
    }

    @Test("a top-level name that somebody wrote down may be pushed, too")
    func written() {
        let plan = plan(
            [network(domains: ["corp"])], ["work": PushedSettings(domains: ["corp", "CORP"])])
        #expect(plan.zones.map(\.domains) == [["corp"]])
        #expect(plan.refusals == [])
    }

    @Test("a server that would be asked in the clear is not asked")
    func refusedServers() {
        let plan = plan(
            [network(host: "10.66.255.3", domains: ["corp.example"])],
            ["work": PushedSettings(nameServers: ["8.8.8.8", "10.66.255.3", "10.66.0.10", "x"])])
        #expect(plan.zones.first?.servers.map(\.text) == ["10.66.0.10"])
        #expect(
            plan.refusals == [
                "network work: name server 8.8.8.8 is not used: it lies in none of the network's "
                    + "prefixes, and would be asked in the clear",
                "network work: name server 10.66.255.3 is not used: it is the gateway, which is "
                    + "reached outside of the tunnel",
            ])
        let named = self.plan(
            [network(domains: ["corp.example"], servers: ["10.66.255.3"])],
            lastGood: ["vpn.corp.example": "10.66.255.3"])
        #expect(named.zones.first?.servers == [] && named.refusals.count == 1)
    }

    @Test(
        "how the network fares",
        arguments: [
            (.idle, .asleep), (.dialling, .asleep), (.up, .up),
            (.refusing(.unreachable), .refusing),
        ] as [(TunnelMachine.DataState, Zone.Reach)])
    func reach(_ state: TunnelMachine.DataState, _ reach: Zone.Reach) {
        #expect(plan([network(domains: ["c.example"])], state: state).zones.map(\.reach) == [reach])
        // Where questions may not dial, they have no answer until somebody else does.
        let quiet = PacketFilter(
            rules: [
                .init(isAllowed: false, ipProtocol: 17, ports: 53...53), .init(isAllowed: true),
            ])
        let filtered = plan([network(domains: ["c.example"], start: quiet)], state: state)
        #expect(filtered.zones.map(\.reach) == [state == .idle ? .refusing : reach])
    }
}
