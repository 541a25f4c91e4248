import Protocol
import Testing

@testable import dataplane

@Suite("Openings that end when their turn comes")
struct TurnTests {
    private static let source = Packets.v4(0xc0a8_0102, 40_000)
    /// The broadcast address of the loopback network: connect(2) refuses it at once.
    private static let target = Packets.v4(0x7fff_ffff, 80)

    private func harness() -> Harness {
        let network = NetworkSettings(
            id: 1, connector: .direct, mode: .truthful, flags: [], holdMs: 10_000, halfOpenMax: 0,
            connectionsMax: 0, device: DeviceName())
        let prefix = Prefix(family: .ipv4, length: 32, address: Self.target.address)
        return Harness([network], prefixes: [PrefixEntry(prefix: prefix, network: 1)])
    }

    private func isEmpty(_ harness: Harness) -> Bool {
        harness.worker.openings.used == 0 && harness.worker.networks[1].waiting == 0
            && harness.worker.networks[1].engaged == 0 && harness.worker.timers.armed == 0
            && harness.worker.sources.find(.ipv4, Self.source.address) == 0
    }

    @Test("A far side that fails at once is answered at once, each time")
    func failsAtOnce() {
        let harness = harness()
        harness.state(1, .up)
        for sequence: UInt32 in 1...3 {
            let syn = Packets.tcp(
                Self.source, Self.target, flags: SegmentTests.syn, sequence: sequence)
            harness.ring(syn)
            #expect(harness.written().map(Fixture.codepoint) == [Mark.unreachable.rawValue])
            #expect(isEmpty(harness))
        }
        #expect(harness.worker.statistics[.connectFailures] == 3)
    }

    @Test("A network that is refused while openings wait for their turn answers them")
    func refusedInTheQueue() {
        let harness = harness()
        harness.state(1, .up)
        for port: UInt16 in 1...3 {
            let source = Packets.v4(Self.source.address.ipv4, port)
            harness.ring(
                Packets.tcp(source, Self.target, flags: SegmentTests.syn), takesTurns: false)
        }
        #expect(harness.worker.networks[1].waiting == 3)
        harness.state(1, .refusing)
        #expect(harness.written().map(Fixture.codepoint) == [62, 62, 62])
        #expect(harness.worker.statistics[.connectsStarted] == 0)
        #expect(isEmpty(harness))
    }
}
