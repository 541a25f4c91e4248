import Protocol
import Testing

@testable import dataplane

@Suite("What may wait for a tunnel, and how much of it")
struct PacketLimitTests {
    private static func filter() throws -> PacketRules {
        try #require(
            PacketRules([
                PacketRule(isAllowed: false, ipProtocol: 17, low: 123, high: 123),
                PacketRule(isAllowed: false, ipProtocol: 6, low: 139, high: 139),
                PacketRule(isAllowed: false, ipProtocol: 1, low: 8, high: 8),
                PacketRule(isAllowed: true, ipProtocol: 0),
            ]))
    }

    @Test("A packet that the filter refuses neither dials nor waits, and is answered like others")
    func filtered() throws {
        let client = Fixture.client
        func target(_ port: UInt16) -> Endpoint {
            Fixture.server(Fixture.spliced, port: port)
        }
        let refused = [
            Fixture.udp(client, target(123)), Fixture.echo(client, target(0)),
            Packets.tcp(client, target(139), flags: Fixture.syn),
        ]
        let allowed = [
            Fixture.udp(client, target(124)),
            Packets.ip(client, target(0), ipProtocol: 50, payload: [1, 2, 3, 4]),
            Packets.tcp(client, target(140), flags: Fixture.syn),
        ]
        for packet in refused {
            let harness = Fixture.harness(filters: [try Self.filter()])
            harness.ring(packet)
            harness.state(Fixture.spliced, .dialling)
            harness.ring(packet)
            #expect(harness.demands().isEmpty)
            #expect(harness.worker.networks[Fixture.spliced].held == 0)
            #expect(harness.worker.statistics[.packetsFiltered] == 2)
            harness.state(Fixture.spliced, .refusing)
            harness.ring(packet)
            #expect(harness.written().map(Fixture.codepoint) == [62])
        }
        for packet in allowed {
            let harness = Fixture.harness(filters: [try Self.filter()])
            harness.ring(packet)
            #expect(harness.demands().count == 1)
            #expect(harness.worker.networks[Fixture.spliced].held == 1)
        }
    }

    @Test("A filter says what dials, not what passes: once the tunnel is up everything does")
    func filteredWhileUp() throws {
        let harness = Fixture.harness(filters: [try Self.filter()])
        let target = Fixture.server(Fixture.spliced, port: 123)
        harness.state(Fixture.spliced, .up)
        harness.ring(Fixture.udp(Fixture.client, target))
        #expect(harness.written().count == 1)
        let tcp = Fixture.server(Fixture.spliced, port: 139)
        harness.ring(Packets.tcp(Fixture.client, tcp, flags: Fixture.syn))
        #expect(harness.worker.networks[Fixture.spliced].waiting == 1)
    }

    @Test("Filters come with their table and go with it")
    func filtersOfATable() throws {
        let harness = Fixture.harness(filters: [try Self.filter()])
        let target = Fixture.server(Fixture.spliced, port: 123)
        harness.ring(Fixture.udp(Fixture.client, target))
        #expect(harness.worker.held.used == 0)
        let network = NetworkSettings(
            id: Fixture.spliced, connector: .direct, mode: .truthful, flags: [.packets],
            holdMs: 1_000, halfOpenMax: 0, connectionsMax: 0, device: DeviceName(), filter: 1)
        let prefix = Prefix(family: .ipv4, length: 16, address: Address(ipv4: 0x0a01_0000))
        let any = try #require(PacketRules([PacketRule(isAllowed: true, ipProtocol: 0)]))
        let table = TableFrames(
            generation: 2, networks: [network],
            prefixes: [PrefixEntry(prefix: prefix, network: Fixture.spliced)], filters: [any])
        for message in table.messages.dropLast() { harness.tell(message) }
        harness.ring(Fixture.udp(Fixture.client, target))
        #expect(harness.worker.held.used == 0, "before the commit")
        harness.tell(table.messages[table.messages.count - 1])
        harness.ring(Fixture.udp(Fixture.client, target))
        #expect(harness.worker.held.used == 1)
    }

    /// Sends so many packets from each of so many hosts, and says how many wait then.
    private func held(
        _ harness: Harness, hosts: Int, each: Int, _ network: UInt32 = Fixture.spliced
    ) -> Int {
        let target = Fixture.server(network, port: 53)
        for host in 0..<hosts {
            let source = Packets.v4(0xc0a8_0200 + UInt32(host), 40_000)
            for _ in 0..<each { harness.ring(Fixture.udp(source, target)) }
        }
        return harness.worker.held.used
    }

    @Test("One host has 256 packets waiting at most, one network 512; a release makes room")
    func limits() {
        let harness = Fixture.harness()
        #expect(held(harness, hosts: 1, each: 300) == 256)
        #expect(held(harness, hosts: 1, each: 10, Fixture.routed) == 256, "over all networks")
        #expect(held(harness, hosts: 3, each: 300) == 512)
        #expect(harness.worker.statistics[.packetsDropped] == 44 + 10 + 300 + 44 + 300)
        harness.state(Fixture.spliced, .up)
        #expect(harness.written().count == 512)
        harness.state(Fixture.spliced, .idle)
        #expect(held(harness, hosts: 1, each: 300) == 256)
        harness.state(Fixture.spliced, .refusing)
        #expect(harness.worker.held.used == 0)
        #expect(harness.worker.sources.find(.ipv4, Address(ipv4: 0xc0a8_0200)) == 0)
    }

    @Test("All networks together have 2,048 packets waiting at most")
    func limitOfAll() {
        let networks = (1...5).map {
            NetworkSettings(
                id: $0, connector: .direct, mode: .truthful, flags: [.packets], holdMs: 1_000,
                halfOpenMax: 0, connectionsMax: 0, device: DeviceName())
        }
        let harness = Harness(
            networks,
            prefixes: networks.map {
                let address = Address(ipv4: 0x0a00_0000 + $0.id << 16)
                let prefix = Prefix(family: .ipv4, length: 16, address: address)
                return PrefixEntry(prefix: prefix, network: $0.id)
            })
        for network in networks {
            let target = Packets.v4(0x0a00_0001 + network.id << 16, 53)
            for host in 0..<600 {
                let source = Packets.v4(0xc0a8_0000 + UInt32(host), 40_000)
                harness.ring(Fixture.udp(source, target))
            }
        }
        let sizing = harness.worker.sizing
        #expect(harness.worker.held.used == 2_048 && sizing.heldPackets == 2_048)
        for network in networks { harness.state(network.id, .refusing) }
        #expect(harness.worker.held.used == 0)
        #expect(harness.worker.heldTimers.armed == 0)
    }

    @Test("A packet of 2,000 bytes waits, a larger one does not")
    func size() {
        let target = Fixture.server(Fixture.spliced, port: 53)
        for (length, waits) in [(2_000, true), (2_001, false)] {
            let harness = Fixture.harness()
            let payload = (0..<length - 20).map { UInt8(truncatingIfNeeded: $0) }
            let packet = Packets.ip(Fixture.client, target, ipProtocol: 50, payload: payload)
            harness.ring(packet)
            harness.state(Fixture.spliced, .up)
            #expect(harness.written() == (waits ? [packet] : []))
        }
    }

    @Test("What the kernel does not take is lost, as on any link, and counted")
    func lost() {
        let harness = Fixture.harness()
        let target = Fixture.server(Fixture.spliced, port: 53)
        harness.ring(Fixture.udp(Fixture.client, target))
        let bell = harness.worker.tun
        harness.worker.tun = -1
        harness.state(Fixture.spliced, .up)
        harness.worker.tun = bell
        #expect(harness.worker.held.used == 0)
        #expect(harness.worker.statistics[.packetsReleased] == 0)
        #expect(harness.worker.statistics[.packetsDropped] == 1)
    }
}
