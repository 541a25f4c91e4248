import CLinux
import Glibc
import Protocol
import Testing

@testable import dataplane

@Suite("Static forwards")
struct ForwardTests {
    private static func harness(_ connector: NetworkSettings.Connector = .socks) -> Harness {
        let network = NetworkSettings(
            id: 1, connector: connector, mode: .truthful, flags: [], holdMs: 10_000, halfOpenMax: 0,
            connectionsMax: 0, device: DeviceName())
        let prefix = Prefix(family: .ipv4, length: 8, address: Address(ipv4: 0x0a00_0000))
        return Harness([network], prefixes: [PrefixEntry(prefix: prefix, network: 1)])
    }

    private static func update(
        _ forward: UInt32 = 7, name: String = "", network: UInt32 = 1
    ) throws -> Message {
        let address = name.isEmpty ? Address(ipv4: 0x0a01_0203) : Address(high: 0, low: 0)
        return .forward(
            ForwardUpdate(
                forward: forward, network: network, action: .add,
                target: Endpoint(family: .ipv4, address: address, port: 25),
                name: try #require(FarName(name))))
    }

    private static func listener() throws -> (descriptor: Int32, port: UInt16) {
        let result = cl_listen_tcp("127.0.0.1", 0)
        try #require(result >= 0)
        return (Int32(result), UInt16(dp_listener_port(Int32(result))))
    }

    private static func client(_ port: UInt16) throws -> Int32 {
        var target = dp_endpoint(high: 0x7f00_0001 << 32, low: 0, port: port, family: 4)
        var progress = 0
        let result = dp_connect_tcp(&target, "", &progress)
        try #require(result >= 0)
        return Int32(result)
    }

    @Test("whoever comes raises a demand, and waits")
    func demand() throws {
        let harness = Self.harness()
        let listener = try Self.listener()
        defer { close(listener.descriptor) }
        harness.tell(try Self.update(), requestID: 3, descriptors: [listener.descriptor])
        let client = try Self.client(listener.port)
        defer { close(client) }
        #expect(harness.turn { harness.worker.openings.used == 1 })
        let demands = harness.demands()
        #expect(demands.count == 1 && demands[0].network == 1)
        #expect(demands[0].target == Packets.v4(0x0a01_0203, 25))
    }

    @Test("nobody is asked twice for a listener: without a descriptor, for no network")
    func refusals() throws {
        let harness = Self.harness()
        harness.tell(try Self.update(), requestID: 3)
        let listener = try Self.listener()
        defer { close(listener.descriptor) }
        harness.tell(
            try Self.update(network: 9), requestID: 4, descriptors: [listener.descriptor])
        let statuses = harness.heard().compactMap { message -> Reply.Status? in
            if case .reply(let reply) = message { reply.status } else { nil }
        }
        #expect(statuses.suffix(2) == [.badDescriptors, .noSuchNetwork])
    }

    @Test("a forward that a link does not name goes, with its listener")
    func forgotten() throws {
        let harness = Self.harness()
        let (one, other) = (try Self.listener(), try Self.listener())
        harness.tell(try Self.update(7), descriptors: [one.descriptor])
        harness.tell(try Self.update(8), descriptors: [other.descriptor])
        close(one.descriptor)
        close(other.descriptor)
        harness.worker.forwards[1].link &-= 1
        harness.tell(.forward(.forgetOthers()))
        #expect(harness.worker.forwards[1].id == 0 && harness.worker.forwards[2].id == 8)
        let client = try Self.client(other.port)
        defer { close(client) }
        #expect(harness.turn { harness.worker.openings.used == 1 })
        harness.tell(.forward(ForwardUpdate(removing: 8)))
        #expect(harness.worker.forwards[2].id == 0)
    }

    @Test("what waits in a listener's backlog is accepted before another takes its place")
    func backlog() throws {
        let harness = Self.harness()
        let (one, other) = (try Self.listener(), try Self.listener())
        harness.tell(try Self.update(), descriptors: [one.descriptor])
        close(one.descriptor)
        let client = try Self.client(one.port)
        defer { close(client) }
        harness.tell(try Self.update(), descriptors: [other.descriptor])
        close(other.descriptor)
        #expect(harness.worker.openings.used == 1)
    }

    @Test("a name is for a far side that looks it up")
    func names() throws {
        let harness = Self.harness(.direct)
        let listener = try Self.listener()
        defer { close(listener.descriptor) }
        harness.tell(try Self.update(name: "mail.home"), descriptors: [listener.descriptor])
        let client = try Self.client(listener.port)
        defer { close(client) }
        #expect(harness.turn { harness.worker.statistics[.refusedReset] == 1 })
        #expect(harness.worker.openings.used == 0)
    }

    @Test("a name in a SOCKS5 request")
    func request() throws {
        let memory = Slab<UInt8>(count: Socks.requestMax)
        let bytes = PacketBytes(memory.pointer(to: 0), count: Socks.requestMax)
        let name = try #require(FarName("a.b"))
        let length = Socks.request(name, port: 0x0102, into: bytes)
        #expect(
            (0..<length).map { bytes[$0] } == [5, 1, 0, 5, 1, 0, 3, 3, 97, 46, 98, 1, 2])
        let longest = try #require(FarName(String(repeating: "x", count: Limits.farNameMax)))
        #expect(Socks.request(longest, port: 1, into: bytes) == Socks.requestMax)
    }
}
