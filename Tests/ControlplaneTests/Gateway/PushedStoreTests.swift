import Protocol
import Testing

@testable import controlplane

@Suite("What gateways pushed")
struct PushedStoreTests {
    private let directory = TestDirectory()

    private static func network(
        _ name: String, _ prefix: String, accepts: Bool
    ) throws -> Network {
        let client = VPNCClient(
            host: "vpn.example", device: "dv-\(name)", group: "g", groupSecret: .ask,
            username: "u", password: .ask)
        var network = Network(
            name: name, prefixes: [try Prefix(text: prefix)],
            via: .tunnel(TunnelSettings(idleMs: 1, client: .vpnc(client))), connect: .truthful,
            source: SourcePosition(file: "f", line: 1, column: 1))
        network.packets = PacketSettings(device: "dv-\(name)", acceptsPushed: accepts)
        return network
    }

    private func extended(
        _ networks: [Network], _ pushed: [String: [String]]
    ) throws -> [[String]] {
        var store = PushedStore(stateDirectory: directory.path)
        for (name, routes) in pushed {
            _ = try store.remember(PushedSettings(routes: routes), of: name)
        }
        let configuration = store.extend(Configuration(networks: Networks(networks)))
        return configuration.networks.map { $0.prefixes.map(\.text) }
    }

    @Test("pushed networks join the prefixes where that is wanted, and nowhere else")
    func joins() throws {
        let networks = [
            try Self.network("a", "10.66.0.0/24", accepts: true),
            try Self.network("b", "10.67.0.0/24", accepts: false),
        ]
        let routes = ["10.68.0.0/24", "10.66.0.0/24"]
        #expect(
            try extended(networks, ["a": routes, "b": ["10.69.0.0/24"]])
                == [["10.66.0.0/24", "10.68.0.0/24"], ["10.67.0.0/24"]])
    }

    @Test(
        "what no person might have written is not taken from a gateway",
        arguments: ["0.0.0.0/0", "127.0.0.0/8", "224.0.0.0/4", "10.66.0.1/24", "nonsense"])
    func refuses(route: String) throws {
        let networks = [try Self.network("a", "10.66.0.0/24", accepts: true)]
        #expect(try extended(networks, ["a": [route]]) == [["10.66.0.0/24"]])
    }

    @Test("a prefix that another network has stays there")
    func yields() throws {
        let networks = [
            try Self.network("a", "10.66.0.0/24", accepts: true),
            try Self.network("b", "10.67.0.0/24", accepts: false),
        ]
        #expect(
            try extended(networks, ["a": ["10.67.0.0/24"]])
                == [["10.66.0.0/24"], ["10.67.0.0/24"]])
    }

    @Test("it is remembered over a reboot, and the same again is no news")
    func remembers() throws {
        let pushed = PushedSettings(nameServers: ["10.66.0.10"], domains: ["corp.example"])
        var store = PushedStore(stateDirectory: directory.path)
        #expect(try store.remember(pushed, of: "a"))
        #expect(try !store.remember(pushed, of: "a"))
        #expect(PushedStore(stateDirectory: directory.path).byNetwork == ["a": pushed])
    }

    @Test("a damaged file knows nothing")
    func damaged() {
        directory.write("pushed.json", "{")
        #expect(PushedStore(stateDirectory: directory.path).byNetwork.isEmpty)
    }
}
