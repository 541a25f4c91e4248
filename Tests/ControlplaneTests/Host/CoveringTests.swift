import Protocol
import Testing

@testable import controlplane

@Suite("Few routes for many prefixes")
struct CoveringTests {
    private func covering(tunnels: [String], direct: [String] = []) -> [String] {
        let input = HostInput(
            networks: [
                HostSamples.network(tunnels, .tunnel), HostSamples.network(direct, .direct),
            ], lan: [], users: HostUsers())
        return HostLabels(input).covering.map(\.text)
    }

    @Test("halves are their whole, over and over")
    func halves() {
        #expect(covering(tunnels: ["10.1.0.0/17", "10.1.128.0/17"]) == ["10.1.0.0/16"])
        #expect(
            covering(tunnels: ["10.1.128.0/17", "10.2.0.0/17"]) == ["10.1.128.0/17", "10.2.0.0/17"])
        let sites = (0..<256).map { "10.7.\($0).0/24" }
        #expect(covering(tunnels: sites) == ["10.7.0.0/16"])
        #expect(covering(tunnels: Array(sites.dropFirst())).count == 8)
        #expect(covering(tunnels: ["fd00:1:2::/64", "fd00:1:2:1::/64"]) == ["fd00:1:2::/63"])
    }

    @Test("all of an address space is two routes: never the default route")
    func everything() {
        #expect(covering(tunnels: ["0.0.0.0/1", "128.0.0.0/1"]) == ["0.0.0.0/1", "128.0.0.0/1"])
    }

    @Test("one inside another adds nothing, unless something else lies between")
    func nested() {
        #expect(covering(tunnels: ["10.0.0.0/8", "10.1.0.0/16"]) == ["10.0.0.0/8"])
        #expect(
            covering(tunnels: ["10.0.0.0/8", "10.1.2.0/24"], direct: ["10.1.0.0/16"])
                == ["10.0.0.0/8", "10.1.2.0/24"])
    }

    @Test("halves stay halves where the whole means something else, which is as long")
    func whole() {
        let halves = ["10.1.0.0/17", "10.1.128.0/17"]
        #expect(covering(tunnels: halves, direct: ["10.1.0.0/16"]) == halves)
        #expect(
            covering(tunnels: halves + ["10.0.0.0/16"], direct: ["10.1.0.0/16"])
                == ["10.0.0.0/16"] + halves)
    }

    @Test("65,536 neighbours are one route")
    func many() {
        let sites = (0..<65_536).map { "11.\($0 >> 8).\($0 & 255).0/24" }
        #expect(covering(tunnels: sites) == ["11.0.0.0/8"])
    }

    @Test(
        "each address goes where its longest prefix says, however prefixes are nested",
        arguments: 1...400)
    func meaning(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        func some() -> [String] {
            (0..<Int.random(in: 0..<8, using: &random)).map { _ in
                let length = UInt8.random(in: 24...32, using: &random)
                let address = Address(
                    ipv4: 0x0a00_0000 | UInt32.random(in: 0..<256, using: &random))
                return Prefix(family: .ipv4, length: length, address: address.masked(length)).text
            }
        }
        let input = HostInput(
            networks: [HostSamples.network(some(), .tunnel), HostSamples.network(some(), .direct)],
            lan: [], users: HostUsers())
        let labels = HostLabels(input)
        let routes = HostPlan(input).routes.filter { $0.table == HostNames.privateTable }
        for host in UInt32(0)..<256 {
            let address = Address(ipv4: 0x0a00_0000 | host)
            let label = labels.blocks.filter { $0.prefix.contains(address, .ipv4) }
                .max { $0.prefix.length < $1.prefix.length }?.label
            let best = routes.filter { $0.prefix.contains(address, .ipv4) }
                .max { ($0.prefix.length, $1.metric) < ($1.prefix.length, $0.metric) }
            #expect((label == .tunnel) == (best?.kind == .unicast), "seed \(seed), host \(host)")
        }
    }
}
