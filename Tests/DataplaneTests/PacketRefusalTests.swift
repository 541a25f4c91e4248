import Protocol
import Testing

@testable import dataplane

@Suite("Packets whose tunnel cannot be had")
struct PacketRefusalTests {
    @Test("Where the tunnel cannot be had each is answered as fits it")
    func refuses() {
        for (packet, mark) in Fixture.answered {
            let harness = Fixture.harness()
            let (marked, _) = Packets.with(packet) { $0.put(mark.rawValue) }
            harness.ring(packet)
            harness.state(Fixture.routed, .dialling)
            #expect(harness.written().isEmpty)
            harness.state(Fixture.routed, .refusing)
            #expect(harness.written() == [marked], "held before")
            harness.ring(packet)
            #expect(harness.written() == [marked], "while it is refused")
            #expect(harness.worker.statistics[.packetsRefused] == 2)
            #expect(harness.worker.held.used == 0)
        }
    }

    @Test("A network that refuses with resets does so to a SYN, and to nothing that knows none")
    func refusesWithReset() {
        let harness = Fixture.harness()
        let target = Fixture.server(Fixture.routed, port: 80)
        harness.tell(
            .networkState(NetworkState(network: Fixture.routed, state: .refusing, cause: .reset)))
        harness.ring(Packets.tcp(Fixture.client, target, flags: Fixture.syn))
        harness.ring(Fixture.udp(Fixture.client, target))
        #expect(harness.written().map(Fixture.codepoint) == [63, 62])
    }

    @Test("What has waited for as long as the network allows is answered, and not before")
    func expires() {
        let harness = Fixture.harness()
        let begin = harness.worker.now
        for (packet, _) in Fixture.answered { harness.ring(packet) }
        harness.state(Fixture.routed, .dialling)
        harness.worker.now = begin + Fixture.hold - 1
        harness.worker.expirePackets()
        #expect(harness.written().isEmpty)
        harness.worker.now = begin + Fixture.hold + 2 * TimerWheel.tickMicroseconds
        harness.worker.expirePackets()
        let marks = Fixture.answered.map(\.1.rawValue)
        #expect(harness.written().map(Fixture.codepoint).sorted() == marks.sorted())
        #expect(harness.parked(Fixture.routed) == 0)
    }

    @Test("What nobody waits for does not dial, is not held while idle, and is never answered")
    func neverDials() {
        for (name, packet) in Fixture.silent {
            let harness = Fixture.harness()
            harness.ring(packet)
            #expect(harness.demands().isEmpty, "\(name)")
            #expect(harness.worker.held.used == 0, "\(name)")
            harness.state(Fixture.routed, .refusing)
            harness.state(Fixture.spliced, .refusing)
            harness.ring(packet)
            #expect(harness.written().isEmpty, "\(name)")
            #expect(harness.worker.statistics[.packetsDropped] == 2, "\(name)")
        }
    }

    @Test("A later fragment that has waited in vain is not answered")
    func fragmentsExpire() {
        let target = Fixture.server(Fixture.spliced, port: 53)
        var later = Fixture.udp(Fixture.client, target, 2)
        later[7] = 10
        let harness = Fixture.harness()
        harness.state(Fixture.spliced, .dialling)
        harness.ring(later)
        #expect(harness.worker.held.used == 1)
        harness.state(Fixture.spliced, .refusing)
        #expect(harness.written().isEmpty && harness.worker.held.used == 0)
    }

    @Test("A network that leaves the table answers what it held")
    func removed() {
        let harness = Fixture.harness()
        harness.ring(Fixture.udp(Fixture.client, Fixture.server(Fixture.spliced, port: 53)))
        for message in TableFrames(generation: 2, networks: [], prefixes: []).messages {
            harness.tell(message)
        }
        #expect(harness.written().map(Fixture.codepoint) == [62])
    }
}
