import Protocol
import Testing

@testable import dataplane

/// Networks whose tunnel carries packets: what happens to a packet in each state.
@Suite("Packets that wait for a tunnel")
struct PacketTests {
    @Test("Every protocol waits, one demand is raised, and all go on in their order")
    func releases() {
        let harness = Fixture.harness()
        let four = Fixture.server(Fixture.spliced, port: 53)
        let six = Packets.v6(0x10, 53)
        func packets(_ tos: UInt8) -> [[UInt8]] {
            [
                Fixture.udp(Fixture.client, four, 1, tos: tos),
                Fixture.echo(Fixture.client, four, tos: tos),
                Fixture.udp(Fixture.client6, six, 2, tos: tos),
                Fixture.echo(Fixture.client6, six, tos: tos),
                Packets.ip(Fixture.client, four, ipProtocol: 50, payload: [1, 2, 3, 4], tos: tos),
                Fixture.udp(Fixture.client, four, 3, tos: tos),
            ]
        }
        // A sender's own codepoint is overwritten, and its ECN bits are kept.
        let sent = packets(0xb9)
        for packet in sent[..<3] { harness.ring(packet) }
        #expect(
            harness.demands() == [
                Demand(
                    network: Fixture.spliced, ipProtocol: 17, source: Fixture.client, target: four,
                    parked: 1)
            ])
        harness.state(Fixture.spliced, .dialling)
        for packet in sent[3...] { harness.ring(packet) }
        #expect(harness.written().isEmpty)
        #expect(harness.parked(Fixture.spliced) == 6)
        harness.state(Fixture.spliced, .up)
        #expect(harness.written() == packets(1))
        #expect(harness.parked(Fixture.spliced) == 0)
        #expect(harness.worker.statistics[.packetsParked] == 6)
        #expect(harness.worker.statistics[.packetsReleased] == 6)
        #expect(harness.worker.held.used == 0 && harness.worker.heldTimers.armed == 0)
    }

    @Test("While the tunnel is up a packet goes back at once, whatever it is")
    func up() {
        let harness = Fixture.harness()
        let target = Fixture.server(Fixture.routed, port: 53)
        harness.state(Fixture.routed, .up)
        let packets = [
            Fixture.udp(Fixture.client, target),
            Packets.tcp(Fixture.client, target, flags: Fixture.syn),
            Packets.tcp(Fixture.client, target, flags: Fixture.rst), Fixture.data(target),
            Packets.ip(Fixture.client, target, ipProtocol: 1, payload: [3, 4, 0, 0]),
        ]
        for packet in packets { harness.ring(packet) }
        #expect(harness.written() == packets)
        #expect(harness.demands().isEmpty)
    }

    @Test("Later fragments wait with their first one", arguments: [true, false])
    func fragments(isDialling: Bool) {
        let target = Fixture.server(Fixture.spliced, port: 53)
        var first = Fixture.udp(Fixture.client, target, 1)
        first[6] = 0x20
        var later = Fixture.udp(Fixture.client, target, 2)
        later[7] = 10
        let harness = Fixture.harness()
        if isDialling { harness.state(Fixture.spliced, .dialling) }
        harness.ring(first)
        harness.ring(later)
        #expect(harness.written().isEmpty)
        harness.state(Fixture.spliced, .up)
        let sent = harness.written()
        #expect(sent.map { $0[7] } == [0, 10] && sent.map { $0.last } == [1, 2])
    }

    @Test("A SYN that is repeated takes the place of the one that waits")
    func repeatedSYN() {
        let harness = Fixture.harness()
        let target = Fixture.server(Fixture.routed, port: 80)
        func syn(_ timestamp: UInt32, _ source: Endpoint = Fixture.client) -> [UInt8] {
            Packets.tcp(
                source, target, flags: Fixture.syn, options: Packets.timestamps(timestamp))
        }
        let other = Packets.v4(Fixture.client.address.ipv4, 40_001)
        harness.ring(syn(1))
        harness.ring(syn(5, other))
        harness.ring(syn(2))
        harness.ring(syn(3))
        harness.state(Fixture.routed, .up)
        #expect(harness.written() == [syn(3), syn(5, other)])
        #expect(harness.worker.statistics[.packetsParked] == 2)
    }

    @Test("Draining parks what is new, counts no packet as a connection, and hears of new demand")
    func drain() {
        let harness = Fixture.harness()
        let target = Fixture.server(Fixture.spliced, port: 53)
        harness.state(Fixture.spliced, .up)
        _ = harness.heard()
        harness.state(Fixture.spliced, .idle, requestID: 77)
        #expect(harness.heard().contains(.reply(Reply(status: .ok, value: 0))))
        harness.ring(Fixture.udp(Fixture.client, target))
        #expect(harness.demands().count == 1)
        // Asked again while it is held: the demand is raised again.
        harness.state(Fixture.spliced, .idle, requestID: 78)
        let heard = harness.heard()
        #expect(heard.contains(.reply(Reply(status: .ok, value: 0))))
        #expect(Harness.demands(heard).map(\.parked) == [1])
        harness.state(Fixture.spliced, .up)
        #expect(harness.written().count == 1)
    }

    @Test("TCP of a spliced network is opened: a SYN dials, waits, and is not a packet")
    func splicedTCP() {
        let harness = Fixture.harness()
        let target = Fixture.server(Fixture.spliced, port: 80)
        harness.ring(Packets.tcp(Fixture.client, target, flags: Fixture.syn))
        let demand = harness.demands()
        #expect(demand.map(\.ipProtocol) == [6] && demand.map(\.target) == [target])
        #expect(harness.worker.held.used == 0 && harness.worker.networks[1].waiting == 1)
        // Up, but its device is just not there: it waits, and dials again once that is known.
        harness.state(Fixture.spliced, .up)
        #expect(harness.written().isEmpty && harness.worker.networks[1].waiting == 1)
        harness.state(Fixture.spliced, .idle)
        #expect(harness.demands().count == 1)
        // A segment of a connection that nobody knows is reset, as in every spliced network.
        harness.ring(Packets.tcp(Fixture.client, target, flags: Fixture.ack))
        #expect(harness.written().map(Fixture.codepoint) == [63])
    }
}
