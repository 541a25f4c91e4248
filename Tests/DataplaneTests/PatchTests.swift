import Protocol
import Testing

@testable import dataplane

@Suite("Changes of the table in use")
struct PatchTests {
    private static func network(
        _ id: UInt32, _ flags: NetworkSettings.Flags = [], holdMs: UInt32 = 20_000
    ) -> NetworkSettings {
        NetworkSettings(
            id: id, connector: .socks, mode: .truthful, flags: flags, holdMs: holdMs,
            halfOpenMax: 0, connectionsMax: 0, device: DeviceName())
    }

    private static func entry(_ address: UInt32, _ network: UInt32) -> PrefixEntry {
        PrefixEntry(
            prefix: Prefix(family: .ipv4, length: 16, address: Address(ipv4: address)),
            network: network)
    }

    private static func harness() -> Harness {
        Harness(
            [network(1), network(2), network(3)],
            prefixes: [entry(0x0a01_0000, 1), entry(0x0a02_0000, 2), entry(0x0a03_0000, 3)])
    }

    private static func owner(_ harness: Harness, _ address: UInt32) -> UInt32? {
        harness.worker.prefixes.network(of: Packets.v4(address, 1))
    }

    @Test("what is named is changed, and nothing else")
    func changed() {
        let harness = Self.harness()
        harness.state(1, .up)
        harness.state(3, .up)
        let patch = TableFrames(
            generation: 2, changing: 1,
            networks: [Self.network(2, .removed), Self.network(3, holdMs: 5), Self.network(7)],
            prefixes: [
                Self.entry(0x0a02_0000, 0), Self.entry(0x0a03_0000, 7), Self.entry(0x0a04_0000, 3),
            ])
        for message in patch.messages { harness.tell(message) }
        #expect(harness.worker.tableInUse == 2)
        #expect(Self.owner(harness, 0x0a01_0001) == 1)
        #expect(Self.owner(harness, 0x0a02_0001) == nil)
        #expect(Self.owner(harness, 0x0a03_0001) == 7)
        #expect(Self.owner(harness, 0x0a04_0001) == 3)
        #expect(harness.worker.networks[1].state == .up && harness.worker.networks[3].state == .up)
        #expect(!harness.worker.networks[2].isConfigured && harness.worker.networks[7].isConfigured)
        #expect(harness.worker.networks[7].state == .idle)
        #expect(harness.worker.treatment(of: 3).holdMicroseconds == 5_000)
        #expect(harness.worker.networks[1].treatment == harness.worker.networks[7].treatment)
        #expect(harness.worker.networks[1].treatment != harness.worker.networks[3].treatment)
        #expect((1...7).allSatisfy { !harness.worker.networks[$0].isStaged })
    }

    @Test("one of another table ends the link, and changes nothing")
    func stale() {
        let harness = Self.harness()
        harness.tell(
            .tablePatch(TablePatch(generation: 9, base: 8, networks: 0, prefixes: 0)))
        #expect(!harness.worker.link.isOpen)
        #expect(harness.worker.tableInUse == 1 && Self.owner(harness, 0x0a01_0001) == 1)
    }

    @Test("one that is broken is dropped as a whole")
    func broken() {
        let harness = Self.harness()
        // Network 9 is nobody.
        let patch = TableFrames(
            generation: 2, changing: 1, networks: [Self.network(2, .removed)],
            prefixes: [Self.entry(0x0a02_0000, 0), Self.entry(0x0a05_0000, 9)])
        for message in patch.messages { harness.tell(message) }
        #expect(harness.worker.tableInUse == 1 && Self.owner(harness, 0x0a02_0001) == 2)
        #expect(harness.worker.networks[2].isConfigured && !harness.worker.networks[2].isStaged)
    }
}
