import Protocol
import Testing

@testable import controlplane

@Suite("Networks, numbers and tunnels")
struct NetworkTableTests {
    static let text = """
        lan = ["br-lan"]
        [[network]]
        name = "a"
        prefixes = ["10.1.0.0/16"]
        via = "ssh"
        gateway = "dvpn@192.0.2.1"
        [[network]]
        name = "b"
        prefixes = ["10.2.0.0/16", "fd00:2::/64"]
        via = "ssh"
        gateway = "dvpn@192.0.2.1"
        connect = "eager"
        [[network]]
        name = "c"
        prefixes = ["10.3.0.0/16"]
        via = "ssh"
        gateway = "dvpn@192.0.2.2"
        [[network]]
        name = "d"
        prefixes = ["10.4.0.0/16"]
        via = "direct"
        """

    static func table() throws -> (NetworkTable, NetworkNumbers, Configuration) {
        let configuration = try ConfigParser.parse([ConfigText(file: "dvpn.toml", text: text)])
        var numbers = NetworkNumbers()
        numbers.number(configuration.networks.map(\.name), limit: 100)
        return (NetworkTable(configuration, numbers), numbers, configuration)
    }

    @Test("Networks with equal settings share a tunnel, and others have another name")
    func sharing() throws {
        let (table, _, configuration) = try Self.table()
        let first = try #require(table.id(of: "a"))
        let second = try #require(table.id(of: "b"))
        let shared = try #require(table.tunnel(of: first))
        #expect(table.tunnel(of: second) == shared)
        #expect(table.members[shared] == [first, second])
        let other = try #require(table.id(of: "c").flatMap { table.tunnel(of: $0) })
        #expect(shared.name.hasPrefix("192.0.2.1-") && other.name.hasPrefix("192.0.2.2-"))
        #expect(table.members[shared] == [first, second] && table.members.devices == [])
        #expect(table.members[other] == [try #require(table.id(of: "c"))])
        let names: Set = [shared.name, "192.0.2.2-0", "nobody", "ssh-1"]
        #expect(configuration.networks.tunnelNames(among: names) == [shared.name])
        let direct = try #require(table.id(of: "d"))
        #expect(table.direct == [direct] && table.tunnel(of: direct) == nil)
        #expect(table.id(of: "nobody") == nil)
    }

    @Test("Any other setting makes another tunnel, with another name")
    func tunnelNames() throws {
        var names: Set<String> = []
        let variants = [
            "", "idle = \"1m\"", "[network.ssh]\nport = 2222", "[network.ssh]\nidentity = \"/k\"",
            "[network.ssh]\nknown-hosts = \"/k\"", "[network.ssh]\nconnections-per-master = 5",
        ]
        for variant in variants {
            let text = """
                [[network]]
                name = "a"
                prefixes = ["10.1.0.0/16"]
                via = "ssh"
                gateway = "dvpn@192.0.2.1"
                \(variant)
                """
            let configuration = try ConfigParser.parse([ConfigText(file: "dvpn.toml", text: text)])
            names.formUnion(configuration.networks.compactMap { $0.tunnel?.name })
        }
        #expect(names.count == variants.count)
    }

    @Test("The dataplane's table has every network and prefix, in the wire's order")
    func messages() throws {
        let (table, _, _) = try Self.table()
        var check = TableCheck()
        var networks: [NetworkSettings] = []
        var isWhole = false
        for message in table.messages(generation: 7) {
            switch message {
            case .tableBegin(let begin): check.start(begin)
            case .networkChunk(let chunk):
                for settings in chunk { expect(check.accept(settings)) }
                networks += chunk
            case .prefixChunk(let chunk):
                for entry in chunk { expect(check.accept(entry)) }
            case .tableCommit(let commit): isWhole = check.finish(commit)
            default: Issue.record("\(message)")
            }
        }
        #expect(isWhole)
        #expect(networks.map(\.connector) == [.socks, .socks, .socks, .direct])
        #expect(networks.map(\.mode) == [.truthful, .eager, .truthful, .truthful])
    }

    /// The networks and prefixes that messages leave in a table, whole or changed.
    private static func applied(
        _ messages: [Message], _ networks: inout [UInt32: NetworkSettings],
        _ prefixes: inout [Prefix: UInt32]
    ) {
        for message in messages {
            switch message {
            case .tableBegin: (networks, prefixes) = ([:], [:])
            case .networkChunk(let chunk):
                for item in chunk { networks[item.id] = item.isRemoved ? nil : item }
            case .prefixChunk(let chunk):
                for item in chunk {
                    prefixes[item.prefix] = item.network == 0 ? nil : item.network
                }
            default: break
            }
        }
    }

    @Test("What is other in a table makes of the old one the new one")
    func changes() throws {
        let variants = [
            Self.text, Self.text.replacing("10.2.0.0/16", with: "10.9.0.0/16"),
            Self.text.replacing("connect = \"eager\"", with: ""),
            Self.text.replacing("\"c\"", with: "\"e\""),
            Self.text.replacing("\"a\"", with: "\"x\"").replacing("\"b\"", with: "\"a\"")
                .replacing("\"x\"", with: "\"b\""),
            Self.text.replacing("via = \"direct\"", with: "via = \"ssh\"\ngateway = \"a@b\""),
        ]
        var numbers = NetworkNumbers()
        for (from, to) in variants.flatMap({ old in variants.map { (old, $0) } }) {
            let tables = try [from, to].map { text in
                let configuration = try ConfigParser.parse([ConfigText(file: "f", text: text)])
                numbers.number(configuration.networks.names, limit: 100)
                return NetworkTable(configuration, numbers)
            }
            let diff = ConfigDiff(from: tables[0].configuration, to: tables[1].configuration)
            var networks: [UInt32: NetworkSettings] = [:]
            var prefixes: [Prefix: UInt32] = [:]
            Self.applied(tables[0].messages(generation: 1), &networks, &prefixes)
            let patch = try #require(
                tables[1].messages(generation: 2, from: tables[0], base: 1, diff))
            Self.applied(patch, &networks, &prefixes)
            var wanted: [UInt32: NetworkSettings] = [:]
            var owners: [Prefix: UInt32] = [:]
            Self.applied(tables[1].messages(generation: 2), &wanted, &owners)
            #expect(networks == wanted && prefixes == owners)
            #expect(
                patch.first
                    == .tablePatch(
                        TablePatch(
                            generation: 2, base: 1,
                            networks: UInt32(
                                diff.added.count + diff.removed.count + diff.changed.count),
                            prefixes: Self.prefixes(patch))))
        }
    }

    private static func prefixes(_ messages: [Message]) -> UInt32 {
        messages.reduce(0) {
            if case .prefixChunk(let chunk) = $1 { $0 + UInt32(chunk.count) } else { $0 }
        }
    }

    @Test("The numbers' file: what was appended is read, and half a line is nobody's")
    func numbersFile() throws {
        let place = TestDirectory()
        let path = place.path("networks")
        var numbers = NetworkNumbers()
        numbers.number(["a", "b"], limit: 9)
        try numbers.save(path)
        let new = numbers.number(["b", "c-1"], limit: 9)
        try numbers.save(new: new, path)
        #expect(NetworkNumbers.load(path) == numbers)
        place.write("networks", "1 a\n2 b\n2 c\n7\n0 d\n3 e\n4")
        #expect(NetworkNumbers.load(path).byName == ["a": 1, "b": 2, "e": 3])
        #expect(NetworkNumbers.load(place.path("none")) == NetworkNumbers())
    }

    /// Three tunnels with a device: two filters alike, one that allows everything.
    static let devices = """
        hold = "45s"
        [[network]]
        name = "e"
        prefixes = ["10.5.0.0/16"]
        via = "vpnc"
        gateway = "192.0.2.5"
        filter.start = ["!udp/5000-5001", "icmp/8", "!any"]
        [network.vpnc]
        group = "g"
        group-secret = { file = "/g" }
        username = "u"
        password = { ask = true }
        [[network]]
        name = "f"
        prefixes = ["10.6.0.0/16"]
        via = "command"
        tcp = "route"
        filter.start = ["!udp/5000-5001", "icmp/8", "!any"]
        command.device = "wg0"
        command.start = ["/bin/f"]
        [[network]]
        name = "g"
        prefixes = ["10.7.0.0/16"]
        via = "command"
        filter.start = ["any"]
        command.start = ["/bin/g"]
        [[network]]
        name = "h"
        prefixes = ["10.8.0.0/16"]
        via = "direct"
        """

    @Test("Tunnels with a device: packets, filters, and time for a person")
    func devices() throws {
        let configuration = try ConfigParser.parse([
            ConfigText(file: "dvpn.toml", text: Self.devices)
        ])
        var numbers = NetworkNumbers()
        numbers.number(configuration.networks.map(\.name), limit: 100)
        let table = NetworkTable(configuration, numbers)
        #expect(table.direct == [try #require(table.id(of: "h"))])

        var networks: [NetworkSettings] = []
        var filters: [FilterChunk] = []
        for message in table.messages(generation: 1) {
            if case .networkChunk(let chunk) = message { networks += chunk }
            if case .filterChunk(let chunk) = message { filters.append(chunk) }
        }
        #expect(networks.map(\.connector) == [.direct, .direct, .direct, .direct])
        #expect(networks.map(\.device.text) == ["dv-e", "wg0", "dv-g", ""])
        #expect(networks.map(\.flags) == [[.packets], [.packets, .routesTCP], [.packets], []])
        #expect(networks.map(\.filter) == [1, 1, 0, 0])
        #expect(networks.map(\.holdMs) == [150_000, 45_000, 45_000, 45_000])
        #expect(filters.map(\.filter) == [1])
        #expect(
            filters.first?.rules.list == [
                PacketRule(isAllowed: false, ipProtocol: 17, low: 5_000, high: 5_001),
                PacketRule(isAllowed: true, ipProtocol: 1, low: 8, high: 8),
                PacketRule(isAllowed: false, ipProtocol: 0),
            ])

        let input = table.hostInput(users: HostUsers(), gateways: [])
        #expect(input.networks.map(\.packets?.device) == ["dv-e", "wg0", "dv-g", nil])
        #expect(input.networks.map(\.path) == [.tunnel, .tunnel, .tunnel, .direct])
    }

    @Test("A hold that is longer than a person needs stays")
    func longHold() throws {
        let text = Self.devices.replacing("45s", with: "5m")
        let configuration = try ConfigParser.parse([ConfigText(file: "dvpn.toml", text: text)])
        var numbers = NetworkNumbers()
        numbers.number(configuration.networks.map(\.name), limit: 100)
        let table = NetworkTable(configuration, numbers)
        for case .networkChunk(let chunk) in table.messages(generation: 1) {
            #expect(chunk.allSatisfy { $0.holdMs == 300_000 })
        }
    }

    @Test("Numbers stay, new names get new ones, and are reused only when they run out")
    func numbers() {
        var numbers = NetworkNumbers()
        numbers.number(["a", "b"], limit: 3)
        #expect(numbers.byName == ["a": 1, "b": 2])
        numbers.number(["b", "c"], limit: 3)
        #expect(numbers.byName == ["a": 1, "b": 2, "c": 3])
        numbers.number(["b", "c", "d"], limit: 3)
        #expect(numbers.byName == ["b": 2, "c": 3, "d": 1])
    }

    @Test("What the dataplane reports reads as people write it")
    func texts() {
        let source = Endpoint(family: .ipv4, address: Address(ipv4: 0xc0a8_0107), port: 40_122)
        let target = Endpoint(
            family: .ipv6, address: Address(high: 0xfd00_0001_0002_0000, low: 0x10), port: 80)
        #expect(DemandText.end(source) == "192.168.1.7:40122")
        #expect(DemandText.end(target) == "[fd00:1:2::10]:80")
        let demand = Demand(network: 1, ipProtocol: 6, source: source, target: source, parked: 1)
        #expect(DemandText.cause(demand) == "tcp 192.168.1.7:40122 → 192.168.1.7:40122")
    }
}

/// `#expect` for calls of mutating methods, which the macro cannot take apart.
private func expect(_ condition: Bool, at location: SourceLocation = #_sourceLocation) {
    #expect(condition, sourceLocation: location)
}
