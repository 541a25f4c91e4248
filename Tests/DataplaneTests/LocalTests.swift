import CLinux
import Glibc
import Protocol
import Testing

@testable import dataplane

/// Sockets that a test needs root for.
private enum Raw {
    /// As the controlplane makes it.
    static func sender() -> Int32 { newSocket(AF_INET6, SOCK_RAW, Int32(IPPROTO_RAW)) }

    /// Hears every TCP segment that reaches this host by IPv6.
    static func tcpListener() -> Int32 { newSocket(AF_INET6, SOCK_RAW, Int32(IPPROTO_TCP)) }

    static let isAllowed: Bool = {
        let descriptor = sender()
        if descriptor >= 0 { close(descriptor) }
        return descriptor >= 0
    }()
}

@Suite("This host's own IPv6 packets")
struct LocalTests {
    /// The far side is a listener of this host, so that connecting to it needs no network.
    private static let local = Endpoint(family: .ipv6, address: Address(high: 0, low: 1), port: 0)

    private func harness(flags: NetworkSettings.Flags = []) -> Harness {
        let network = NetworkSettings(
            id: 1, connector: .direct, mode: .truthful, flags: flags, holdMs: 10_000,
            halfOpenMax: 0,
            connectionsMax: 0, device: DeviceName())
        let prefix = Prefix(family: .ipv6, length: 128, address: Self.local.address)
        return Harness([network], prefixes: [PrefixEntry(prefix: prefix, network: 1)])
    }

    private func listener() throws -> (Int32, Endpoint) {
        let descriptor = Int32(dp_listen_tcp(6, 0))
        try #require(descriptor >= 0)
        let port = UInt16(dp_listener_port(descriptor))
        return (
            descriptor, Endpoint(family: .ipv6, address: Self.local.address, port: port)
        )
    }

    private func syn(_ target: Endpoint, codepoint: UInt8) -> [UInt8] {
        let source = Endpoint(family: .ipv6, address: Self.local.address, port: 40_000)
        let payload = Array(Packets.tcp(source, target, flags: SegmentTests.syn).dropFirst(40))
        return Packets.ip(source, target, ipProtocol: 6, payload: payload, tos: codepoint << 2)
    }

    private func udp(
        _ source: Endpoint, _ target: Endpoint, _ payload: [UInt8], codepoint: UInt8
    ) -> [UInt8] {
        let length = UInt16(8 + payload.count)
        var datagram =
            Packets.be16(source.port) + Packets.be16(target.port) + Packets.be16(length) + [0, 0]
        datagram += payload
        let pseudo =
            Packets.bytes(source) + Packets.bytes(target) + Packets.be32(UInt32(length))
            + Packets.be32(17)
        let sum = Packets.checksum(pseudo + datagram)
        datagram[6] = UInt8(sum >> 8)
        datagram[7] = UInt8(sum & 255)
        return Packets.ip(source, target, ipProtocol: 17, payload: datagram, tos: codepoint << 2)
    }

    @Test("The mark is one of IPv6 only, and others than the two refusals come from elsewhere")
    func marks() {
        let four = (Packets.v4(0xc0a8_0102, 1), Packets.v4(0x0a01_0203, 2))
        let six = (Packets.v6(1, 1), Packets.v6(2, 2))
        for codepoint: UInt8 in 0...63 {
            for (index, (source, target)) in [four, six].enumerated() {
                let packet = Packets.ip(
                    source, target, ipProtocol: 17, payload: [0, 1, 0, 2], tos: codepoint << 2 | 3)
                let (_, seen) = Packets.with(packet) { ($0.codepoint, $0.isLocal, $0.isReturned) }
                #expect(seen.0 == codepoint)
                #expect(seen.1 == (index == 1 && codepoint == 61))
                #expect(seen.2 == (codepoint == 62 || codepoint == 63))
            }
        }
    }

    @Test("Without a raw socket a local SYN goes on by way of the doorbell, without its mark")
    func fallback() throws {
        let (descriptor, target) = try listener()
        defer { close(descriptor) }
        let harness = harness()
        harness.state(1, .up)
        harness.ring(syn(target, codepoint: 61))
        var written: [[UInt8]] = []
        #expect(
            harness.turn {
                written += harness.written()
                return !written.isEmpty
            })
        #expect(written == [syn(target, codepoint: 0)])
    }

    @Test(
        "With one it goes through it, again when it is repeated, and the others do not",
        .enabled(if: Raw.isAllowed, "needs CAP_NET_RAW"))
    func released() throws {
        let (descriptor, target) = try listener()
        let ear = Raw.tcpListener()
        let sender = Raw.sender()
        defer { for each in [descriptor, ear, sender] { close(each) } }
        let harness = harness()
        harness.tell(.rawSocket(RawSocket()), requestID: 9, descriptors: [sender])
        #expect(harness.heard().contains(.reply(Reply(status: .ok, value: 0))))
        harness.state(1, .up)
        let packet = syn(target, codepoint: 61)
        harness.ring(packet)
        func hears() -> Bool {
            var bytes = [UInt8](repeating: 0, count: 2_048)
            while true {
                let count = read(ear, &bytes, bytes.count)
                if count <= 0 { return false }
                if Array(bytes.prefix(count)) == Array(packet.dropFirst(40)) { return true }
            }
        }
        #expect(harness.turn(until: hears))
        // A client's TCP repeats its SYN a second later.
        harness.worker.now += 1_000_000
        harness.ring(packet)
        harness.worker.now -= 1_000_000
        #expect(hears())
        #expect(harness.written().isEmpty)

        let (other, otherTarget) = try listener()
        defer { close(other) }
        harness.ring(syn(otherTarget, codepoint: 0))
        var written: [[UInt8]] = []
        #expect(
            harness.turn {
                written += harness.written()
                return !written.isEmpty
            })
        #expect(written == [syn(otherTarget, codepoint: 0)])
    }

    @Test(
        "A held packet goes on through the raw socket when the tunnel is up",
        .enabled(if: Raw.isAllowed, "needs CAP_NET_RAW"))
    func heldPacket() throws {
        let ear = newSocket(AF_INET6, SOCK_DGRAM)
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_addr = in6addr_loopback
        let length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(ear, $0, length) }
        }
        try #require(bound == 0)
        let port = UInt16(dp_listener_port(ear))
        let harness = harness(flags: [.packets])
        let sender = Raw.sender()
        harness.tell(.rawSocket(RawSocket()), descriptors: [sender])
        defer { for each in [ear, sender] { close(each) } }
        let target = Endpoint(family: .ipv6, address: Self.local.address, port: port)
        let source = Endpoint(family: .ipv6, address: Self.local.address, port: 40_000)
        harness.ring(udp(source, target, [1, 2, 3], codepoint: 61))
        var bytes = [UInt8](repeating: 0, count: 100)
        #expect(read(ear, &bytes, bytes.count) < 0)
        harness.state(1, .up)
        #expect(read(ear, &bytes, bytes.count) == 3 && Array(bytes.prefix(3)) == [1, 2, 3])
        #expect(harness.written().isEmpty)
        #expect(harness.worker.statistics[.packetsReleased] == 1)
        // One that comes while it is up goes the same way; a LAN client's goes by the doorbell.
        harness.ring(udp(source, target, [4], codepoint: 61))
        #expect(read(ear, &bytes, bytes.count) == 1)
        harness.ring(udp(source, target, [5], codepoint: 0))
        #expect(read(ear, &bytes, bytes.count) < 0)
        #expect(harness.written() == [udp(source, target, [5], codepoint: 0)])
    }

    @Test("A refusal goes by way of the doorbell", arguments: [true, false])
    func refused(hasSocket: Bool) {
        let harness = harness()
        // Any descriptor: nothing may be sent by it.
        if hasSocket { harness.worker.rawSocket = dp_epoll_create() }
        harness.state(1, .refusing)
        let target = Endpoint(family: .ipv6, address: Self.local.address, port: 9)
        harness.ring(syn(target, codepoint: 61))
        #expect(harness.written() == [syn(target, codepoint: Mark.unreachable.rawValue)])
    }

    @Test("A raw socket that did not come is said; a later one takes the place of the first")
    func replaced() {
        let harness = harness()
        _ = harness.heard()
        harness.tell(.rawSocket(RawSocket()), requestID: 1)
        #expect(harness.heard() == [.reply(Reply(status: .badDescriptors, value: 0))])
        var ends: [Int32] = [-1, -1]
        _ = dp_pipe(&ends, 4_096)
        harness.tell(.rawSocket(RawSocket()), requestID: 2, descriptors: [ends[1]])
        close(ends[1])
        let second = dp_epoll_create()
        harness.tell(.rawSocket(RawSocket()), requestID: 3, descriptors: [second])
        close(second)
        #expect(harness.heard().count == 2 && harness.worker.rawSocket >= 0)
        var byte: UInt8 = 0
        #expect(read(ends[0], &byte, 1) == 0, "the first one is closed")
        close(ends[0])
    }
}
