import CLinux
import Glibc
import Protocol
import Testing

@testable import dataplane

/// A tunnel client that listens on a port of the loopback address: a real socket, and the test
/// speaks for it.
private final class Client {
    let port: UInt16
    private(set) var listener: Int32
    private(set) var connection: Int32 = -1

    init() throws {
        let listener = newSocket(AF_INET, SOCK_STREAM)
        var on: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = Limits.loopback.bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, length) }
        }
        try #require(bound == 0 && listen(listener, 16) == 0)
        self.listener = listener
        port = UInt16(dp_listener_port(listener))
    }

    deinit {
        stopListening()
        hangUp()
    }

    func stopListening() {
        if listener >= 0 { close(listener) }
        listener = -1
    }

    /// True once a connection came in.
    func accepts() -> Bool {
        if connection < 0 {
            var peer = dp_endpoint()
            connection = Int32(max(-1, dp_accept(listener, &peer)))
        }
        return connection >= 0
    }

    func request() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(connection, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }

    func answer(_ bytes: [UInt8]) { _ = write(connection, bytes, bytes.count) }

    func hangUp() {
        if connection >= 0 { close(connection) }
        connection = -1
    }
}

@Suite("Tunnel clients on the loopback address")
struct EndpointTests {
    private static let source = Packets.v4(0xc0a8_0102, 40_000)
    private static let target = Packets.v4(0x0a01_0203, 8_080)
    private static let opened: [UInt8] = [5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0]

    private func harness() -> Harness {
        let network = NetworkSettings(
            id: 1, connector: .socks, mode: .truthful, flags: [], holdMs: 10_000, halfOpenMax: 0,
            connectionsMax: 0, device: DeviceName())
        let prefix = Prefix(family: .ipv4, length: 8, address: Address(ipv4: 0x0a00_0000))
        return Harness([network], prefixes: [PrefixEntry(prefix: prefix, network: 1)])
    }

    /// Up, with one endpoint, and a SYN on its way.
    private func begun(_ client: Client) -> Harness {
        let harness = harness()
        harness.state(1, .up)
        harness.tell(
            .endpoint(
                EndpointUpdate(
                    network: 1, endpoint: 7, action: .add, capacity: 10,
                    socket: .loopback(port: client.port))), requestID: 5)
        harness.ring(Packets.tcp(Self.source, Self.target, flags: SegmentTests.syn))
        return harness
    }

    private func failures(_ messages: [Message]) -> [EndpointFailed] {
        messages.compactMap { if case .endpointFailed(let it) = $0 { it } else { nil } }
    }

    @Test("The SYN goes on once the client has opened the far side")
    func opens() throws {
        let client = try Client()
        let harness = begun(client)
        #expect(harness.turn(until: client.accepts))
        var request: [UInt8] = []
        #expect(
            harness.turn {
                request += client.request()
                return request.count >= 13
            })
        #expect(request == [5, 1, 0, 5, 1, 0, 1, 10, 1, 2, 3, 0x1f, 0x90])
        #expect(harness.written().isEmpty)
        client.answer(Self.opened)
        var written: [[UInt8]] = []
        #expect(
            harness.turn {
                written += harness.written()
                return !written.isEmpty
            })
        #expect(written.count == 1 && written[0][1] == 0)
        #expect(failures(harness.heard()).isEmpty)
    }

    @Test("Nobody listens: the controlplane hears why, and the SYN waits for another endpoint")
    func refused() throws {
        let dead = try Client()
        dead.stopListening()
        let harness = begun(dead)
        var heard: [Message] = []
        #expect(
            harness.turn {
                heard += harness.heard()
                return !failures(heard).isEmpty
            })
        #expect(failures(heard) == [EndpointFailed(network: 1, endpoint: 7, errno: 111)])
        #expect(harness.written().isEmpty)
        let client = try Client()
        harness.tell(
            .endpoint(
                EndpointUpdate(
                    network: 1, endpoint: 8, action: .add, capacity: 10,
                    socket: .loopback(port: client.port))))
        #expect(harness.turn(until: client.accepts))
    }

    @Test("A client that closes after its greeting and still listens says: refused")
    func closes() throws {
        let client = try Client()
        let harness = begun(client)
        #expect(harness.turn(until: client.accepts))
        #expect(harness.turn { client.request().count == 13 })
        client.answer([5, 0])
        client.hangUp()
        var written: [[UInt8]] = []
        #expect(
            harness.turn {
                written += harness.written()
                return !written.isEmpty
            })
        #expect(written.map { $0[1] >> 2 } == [Mark.reset.rawValue])
        #expect(failures(harness.heard()).isEmpty)
    }

    @Test("One that listens no longer has died: nothing is answered, and the SYN waits")
    func dies() throws {
        let client = try Client()
        let harness = begun(client)
        #expect(harness.turn(until: client.accepts))
        #expect(harness.turn { client.request().count == 13 })
        client.answer([5, 0])
        client.stopListening()
        client.hangUp()
        var heard: [Message] = []
        #expect(
            harness.turn {
                heard += harness.heard()
                return !failures(heard).isEmpty
            })
        #expect(harness.written().isEmpty)
        #expect(harness.worker.networks[1].waiting == 1)
    }

    @Test("Adding an endpoint again moves it to its new place")
    func moves() throws {
        let first = try Client()
        let second = try Client()
        let harness = begun(first)
        #expect(harness.turn(until: first.accepts))
        harness.tell(
            .endpoint(
                EndpointUpdate(
                    network: 1, endpoint: 7, action: .add, capacity: 10,
                    socket: .loopback(port: second.port))))
        harness.ring(
            Packets.tcp(Packets.v4(0xc0a8_0102, 40_001), Self.target, flags: SegmentTests.syn))
        #expect(harness.turn(until: second.accepts))
    }

    @Test("Whether somebody listens is known at once, whatever connections there are")
    func listens() throws {
        let client = try Client()
        var address = dp_endpoint(
            high: UInt64(Limits.loopback) << 32, low: 0, port: client.port, family: 4)
        var progress = 0
        var noDevice: CChar = 0
        let descriptor = dp_connect_tcp(&address, &noDevice, &progress)
        try #require(descriptor >= 0)
        #expect(progress == Int(DP_EINPROGRESS.rawValue), "Linux never answers at once")
        #expect(dp_listens(&address) == 1)
        var readable = pollfd(fd: client.listener, events: Int16(POLLIN), revents: 0)
        #expect(poll(&readable, 1, 5_000) == 1 && client.accepts())
        client.stopListening()
        #expect(dp_listens(&address) == 0)
        client.hangUp()
        close(Int32(descriptor))
        #expect(dp_listens(&address) == 0)
    }
}
