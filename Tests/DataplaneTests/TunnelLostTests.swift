import Glibc
import Protocol
import Testing

@testable import dataplane

@Suite("The end of a tunnel with a device")
struct TunnelLostTests {
    private static let source = Packets.v4(0xc0a8_0102, 40_000)

    /// A far side whose queue is full: it neither accepts nor refuses.
    private final class Silent {
        let target: Endpoint
        private var sockets: [Int32]

        init() throws {
            let listener = newSocket(AF_INET, SOCK_STREAM)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            func call(_ body: (UnsafeMutablePointer<sockaddr>) -> Int32) -> Int32 {
                withUnsafeMutablePointer(to: &address) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
                }
            }
            try #require(call { bind(listener, $0, length) } == 0 && listen(listener, 0) == 0)
            try #require(call { getsockname(listener, $0, &length) } == 0)
            sockets = [listener]
            for _ in 0..<4 {
                let socket = newSocket(AF_INET, SOCK_STREAM)
                _ = call { connect(socket, $0, length) }
                sockets.append(socket)
            }
            target = Packets.v4(0x7f00_0001, UInt16(bigEndian: address.sin_port))
        }

        deinit { for socket in sockets { close(socket) } }
    }

    private func opening(_ far: Silent) -> Harness {
        let network = NetworkSettings(
            id: 1, connector: .direct, mode: .truthful, flags: [], holdMs: 10_000, halfOpenMax: 0,
            connectionsMax: 0, device: DeviceName())
        let prefix = Prefix(family: .ipv4, length: 32, address: far.target.address)
        let harness = Harness([network], prefixes: [PrefixEntry(prefix: prefix, network: 1)])
        harness.state(1, .up)
        harness.ring(Packets.tcp(Self.source, far.target, flags: SegmentTests.syn))
        #expect(harness.worker.networks[1].engaged == 1)
        _ = harness.heard()
        return harness
    }

    @Test("Whose far side was being opened waits for the next tunnel, and asks for it")
    func opensAgain() throws {
        let far = try Silent()
        let harness = opening(far)
        harness.state(1, .idle)
        harness.tell(.tunnelLost(TunnelLost(network: 1)), requestID: 9)
        #expect(harness.worker.networks[1].engaged == 0)
        #expect(harness.worker.networks[1].waiting == 1)
        let heard = harness.heard()
        check(heard.contains(.reply(Reply(status: .ok, value: 0))))
        check(heard.contains { if case .demand = $0 { true } else { false } })
        harness.state(1, .up)
        check(harness.turn { harness.worker.networks[1].engaged == 1 })
    }

    @Test("Where no tunnel is to come, it is told so")
    func refuses() throws {
        let far = try Silent()
        let harness = opening(far)
        harness.state(1, .refusing)
        harness.tell(.tunnelLost(TunnelLost(network: 1)))
        #expect(harness.written().map(Fixture.codepoint) == [Mark.unreachable.rawValue])
        #expect(harness.worker.openings.used == 0 && harness.worker.networks[1].engaged == 0)
    }

    @Test("A network that has left the table is looked through all the same")
    func leftTheTable() throws {
        let far = try Silent()
        let harness = opening(far)
        for message in TableFrames(generation: 2, networks: [], prefixes: []).messages {
            harness.tell(message)
        }
        harness.tell(.tunnelLost(TunnelLost(network: 1)), requestID: 9)
        check(harness.heard().contains(.reply(Reply(status: .ok, value: 0))))
        harness.tell(.tunnelLost(TunnelLost(network: 99_999)), requestID: 10)
        check(harness.heard().contains(.reply(Reply(status: .noSuchNetwork, value: 0))))
    }
}
