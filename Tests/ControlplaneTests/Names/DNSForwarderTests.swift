import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import controlplane

@Suite(
    "The forwarder, with a real dnsmasq as the private server",
    .enabled(if: TestDnsmasq.missing == nil),
    .timeLimit(.minutes(2)))
struct DNSForwarderTests {
    /// 25 records of 200 bytes make an answer of more than 5,000.
    private static let server = """
        host-record=www.corp.example,10.66.0.80
        host-record=db.corp.example,10.66.0.81
        local=/corp.example/
        local=/66.10.in-addr.arpa/
        local-ttl=60
        """
        + (0..<25).map { index in
            "\ntxt-record=big.corp.example,\"\(index) \(String(repeating: "x", count: 195))\""
        }.joined()

    private func forwarder(
        _ limits: CarrierMachine.Limits = .init(),
        wanted: @escaping @Sendable (String, String) async -> Void = { _, _ in }
    ) async throws -> DNSForwarder {
        let forwarder = DNSForwarder(
            port: try TestDnsmasq.freePort(), limits: limits, log: Logger(label: "test"),
            wanted: wanted)
        try await forwarder.start()
        return forwarder
    }

    private func zone(
        _ ports: [UInt16], gateway: Zone.Gateway? = nil, path: Zone.Path = .connections,
        reach: Zone.Reach = .up
    ) -> Zone {
        ZoneSamples.zone(
            servers: ports.map { "127.0.0.1#\($0)" }, gateway: gateway, path: path, reach: reach)
    }

    @Test("names and addresses, over UDP and TCP, through one connection that goes when idle")
    func lookups() async throws {
        let server = try await TestDnsmasq(Self.server)
        let forwarder = try await forwarder(.init(lingerMs: 300))
        await forwarder.apply([zone([server.port])], upstream: [])
        for client in [
            try await DNSClient.datagram(port: forwarder.port),
            try await DNSClient.stream(port: forwarder.port),
        ] {
            let answer = try #require(await client.ask("WWW.corp.example"))
            #expect(answer.responseCode == 0)
            #expect(
                answer.bytes.indices.contains { answer.bytes[$0...].starts(with: [10, 66, 0, 80]) })
            let name = try #require(
                await client.ask("81.0.66.10.in-addr.arpa", type: DNSSamples.typePTR))
            #expect(name.responseCode == 0 && name.bytes.count > name.questionEnd + 11)
            // What the private server denies is denied.
            #expect(await client.ask("none.corp.example")?.responseCode == 3)
            await client.close()
        }
        // dnsmasq forks for each connection.
        try await waitFor("the connection is closed") {
            try await Namespace.shell("ss -Htn state established dport = :\(server.port)").isEmpty
        }
        await forwarder.stop()
    }

    @Test(
        "the doctor's name: answered at once, whatever state its network is in, and nobody is asked"
    )
    func probe() async throws {
        let wanted = Mutex(0)
        let forwarder = try await forwarder { _, _ in wanted.withLock { $0 += 1 } }
        let client = try await DNSClient.datagram(port: forwarder.port)
        for reach in [Zone.Reach.asleep, .refusing, .up] {
            await forwarder.apply([zone([], reach: reach)], upstream: [])
            let answer = try #require(await client.ask("DVPN-doctor.corp.example"))
            // For no time at all (TTL), before the length and EDNS.
            #expect(answer.bytes.dropLast(11).suffix(10) == [0, 0, 0, 0, 0, 4, 192, 0, 0, 8])
            #expect(await client.ask("dvpn-doctor.corp.example", type: 28)?.responseCode == 0)
        }
        #expect(await client.ask("dvpn-doctor.elsewhere.example")?.responseCode == 5)
        #expect(wanted.withLock { $0 } == 0)
        await client.close()
        await forwarder.stop()
    }

    @Test("an answer of more than 4 KiB: cut over UDP, whole over TCP")
    func big() async throws {
        let server = try await TestDnsmasq(Self.server)
        let forwarder = try await forwarder()
        await forwarder.apply([zone([server.port])], upstream: [])
        let datagrams = try await DNSClient.datagram(port: forwarder.port)
        let cut = try #require(await datagrams.ask("big.corp.example", type: 16, udpBytes: 4096))
        #expect(cut.isTruncated && cut.bytes.count < 100)
        let stream = try await DNSClient.stream(port: forwarder.port)
        let whole = try #require(await stream.ask("big.corp.example", type: 16))
        #expect(!whole.isTruncated && whole.bytes.count > 5_000)
        // And through a dnsmasq in front, as it is used.
        let front = try await TestDnsmasq("server=/corp.example/127.0.0.1#\(forwarder.port)")
        let client = try await DNSClient.stream(port: front.port)
        #expect(try #require(await client.ask("big.corp.example", type: 16)).bytes.count > 5_000)
        await forwarder.stop()
    }

    @Test(
        "1,000 queries at once, to a server that ends a connection after 100 of them",
        arguments: [Zone.Path.packets, .connections])
    func many(_ path: Zone.Path) async throws {
        let server = try await TestDnsmasq(Self.server)
        let forwarder = try await forwarder()
        await forwarder.apply([zone([server.port], path: path)], upstream: [])
        let client = try await DNSClient.datagram(port: forwarder.port)
        let failed = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<1_000 {
                group.addTask { await client.ask("www.corp.example")?.responseCode == 0 }
            }
            return await group.reduce(0) { $0 + ($1 ? 0 : 1) }
        }
        #expect(failed == 0)
        // A datagram may be lost, and is sent again.
        let asked = server.queries("www.corp.example")
        #expect(path == .packets ? asked >= 1_000 : asked == 1_000)
        await forwarder.stop()
    }

    @Test("a network that refuses: SERVFAIL at once, also for what waits, and through dnsmasq")
    func refusing() async throws {
        let forwarder = try await forwarder()
        await forwarder.apply([zone([], reach: .asleep)], upstream: [])
        let client = try await DNSClient.datagram(port: forwarder.port)
        async let held = client.ask("www.corp.example")
        try await waitFor("the query waits") { await forwarder.pendingCount == 1 }
        await forwarder.apply([zone([], reach: .refusing)], upstream: [])
        #expect(await held?.responseCode == 2)

        let front = try await TestDnsmasq("server=/corp.example/127.0.0.1#\(forwarder.port)")
        let program = try await DNSClient.datagram(port: front.port)
        let start = ContinuousClock.now
        #expect(await program.ask("www.corp.example")?.responseCode == 2)
        // A server that is asked in vain takes ten seconds.
        #expect(ContinuousClock.now - start < .seconds(4))
        // Nobody remembers it: once the network is back, so is the name.
        let server = try await TestDnsmasq(Self.server)
        await forwarder.apply([zone([server.port])], upstream: [])
        #expect(await program.ask("www.corp.example")?.responseCode == 0)
        await forwarder.stop()
    }

    @Test(
        "a network that is not up: asked for, waited for, given up after the hold time",
        arguments: [Zone.Path.packets, .connections])
    func waking(_ path: Zone.Path) async throws {
        let asked = Mutex<[String]>([])
        let forwarder = try await forwarder(.init(holdMs: 700)) { network, name in
            asked.withLock { $0.append("\(network) \(name)") }
        }
        await forwarder.apply([zone([], path: path, reach: .asleep)], upstream: [])
        let client = try await DNSClient.datagram(port: forwarder.port)
        let start = ContinuousClock.now
        #expect(await client.ask("www.corp.example")?.responseCode == 2)
        #expect(ContinuousClock.now - start >= .milliseconds(700))
        #expect(asked.withLock { $0 } == ["work www.corp.example"])

        // Up, and nobody to ask: nothing is waited for.
        await forwarder.apply([zone([], path: path)], upstream: [])
        #expect(await client.ask("www.corp.example")?.responseCode == 2)

        let server = try await TestDnsmasq(Self.server)
        // Long enough for both to wait at a time on a busy machine.
        await forwarder.setHold(15_000)
        await forwarder.apply([zone([server.port], path: path, reach: .asleep)], upstream: [])
        async let first = client.ask("www.corp.example")
        async let second = client.ask("db.corp.example")
        try await waitFor("both wait") { await forwarder.pendingCount == 2 }
        let held = try #require(await forwarder.held()["work"])
        #expect(held.count == 2 && Set(held.names) == ["www.corp.example", "db.corp.example"])
        #expect(abs(Clock.now() - held.since) < 15_000)
        #expect(server.queries("www.corp.example") == 0)
        await forwarder.apply([zone([server.port], path: path)], upstream: [])
        #expect(await first?.responseCode == 0)
        #expect(await second?.responseCode == 0)
        #expect(await forwarder.held().isEmpty)
        await forwarder.stop()
    }

    @Test("where packets travel, datagrams go as datagrams and connections as connections")
    func transports() async throws {
        let server = try await TestDnsmasq(Self.server)
        let forwarder = try await forwarder()
        await forwarder.apply([zone([server.port], path: .packets)], upstream: [])
        let datagrams = try await DNSClient.datagram(port: forwarder.port)
        #expect(await datagrams.ask("www.corp.example")?.responseCode == 0)
        // dnsmasq answers datagrams itself, and connections by a child, which says so.
        let own = "dnsmasq[\(server.process.pid)]: query[A] www.corp.example"
        try await waitFor("a datagram was answered") { server.log.contains(own) }
        let cut = try #require(await datagrams.ask("big.corp.example", type: 16, udpBytes: 4096))
        #expect(cut.isTruncated)
        let stream = try await DNSClient.stream(port: forwarder.port)
        let whole = try #require(await stream.ask("big.corp.example", type: 16))
        #expect(!whole.isTruncated && whole.bytes.count > 5_000)
        await forwarder.stop()
    }

    @Test("a datagram that is lost is sent again, and a tunnel's end loses no query")
    func lost() async throws {
        let server = try await TestDnsmasq(Self.server)
        let asked = Mutex(0)
        let forwarder = try await forwarder(.init(answerMs: 300)) { _, _ in
            asked.withLock { $0 += 1 }
        }
        let (deaf, heard) = try await Self.deaf()
        let silent = UInt16(try #require(deaf.localAddress?.port))
        await forwarder.apply([zone([silent], path: .packets)], upstream: [])
        let client = try await DNSClient.datagram(port: forwarder.port)
        async let first = client.ask("www.corp.example")
        try await waitFor("it is sent again") { heard.value.withLock { $0 } >= 2 }
        // The tunnel ends, and the next one has another server.
        await forwarder.apply([zone([silent], path: .packets, reach: .asleep)], upstream: [])
        try await waitFor("the network is asked for") { asked.withLock { $0 } == 1 }
        await forwarder.apply([zone([server.port], path: .packets)], upstream: [])
        #expect(await first?.responseCode == 0)
        try await deaf.close()
        await forwarder.stop()
    }

    /// A server that hears datagrams and says nothing.
    private static func deaf() async throws -> (any Channel, Count) {
        let heard = Count()
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { $0.pipeline.addHandler(Counter(heard)) }
            .bind(host: "127.0.0.1", port: 0).get()
        return (channel, heard)
    }

    private final class Count: Sendable { let value = Mutex(0) }

    private final class Counter: ChannelInboundHandler, Sendable {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        let heard: Count
        init(_ heard: Count) { self.heard = heard }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            heard.value.withLock { $0 += 1 }
        }
    }

    @Test(
        "dead servers: refused, silent, closing; the one that lives answers",
        arguments: [Zone.Path.packets, .connections])
    func dead(_ path: Zone.Path) async throws {
        let live = try await TestDnsmasq(Self.server)
        let nobody = try TestDnsmasq.freePort()
        let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let closing = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { $0.close() }
            .bind(host: "127.0.0.1", port: 0).get()
        let ports = try [silent, closing].map { UInt16(try #require($0.localAddress?.port)) }
        let (deaf, _) = try await Self.deaf()
        let mute = UInt16(try #require(deaf.localAddress?.port))
        let forwarder = try await forwarder(.init(patienceMs: 1_200, answerMs: 400))
        let client = try await DNSClient.datagram(port: forwarder.port)
        for dead in path == .packets ? [nobody, mute] : [nobody] + ports {
            await forwarder.apply([zone([dead, live.port], path: path)], upstream: [])
            #expect(await client.ask("www.corp.example")?.responseCode == 0, "\(dead)")
            await forwarder.apply([zone([dead], path: path)], upstream: [])
            let start = ContinuousClock.now
            #expect(await client.ask("www.corp.example")?.responseCode == 2, "\(dead)")
            #expect(ContinuousClock.now - start < .seconds(3))
        }
        for channel in [silent, closing, deaf] { try await channel.close() }
        await forwarder.stop()
    }

    @Test("quiet is when nothing waits, or soon enough")
    func quiet() async throws {
        let forwarder = try await forwarder()
        await forwarder.quiet(atMostMs: 60_000)
        await forwarder.apply([zone([], reach: .asleep)], upstream: [])
        let client = try await DNSClient.datagram(port: forwarder.port)
        async let held = client.ask("www.corp.example")
        try await waitFor("the query waits") { await forwarder.pendingCount == 1 }
        await forwarder.quiet(atMostMs: 50)
        #expect(await forwarder.pendingCount == 1)
        async let quiet: Void = forwarder.quiet(atMostMs: 60_000)
        await forwarder.apply([zone([], reach: .refusing)], upstream: [])
        await quiet
        #expect(await held?.responseCode == 2)
        await forwarder.stop()
    }

    @Test("names of nobody's are refused, zone transfers too; noise is not answered")
    func others() async throws {
        let forwarder = try await forwarder()
        await forwarder.apply([zone([9])], upstream: [])
        let client = try await DNSClient.datagram(port: forwarder.port)
        #expect(await client.ask("www.example.net")?.responseCode == 5)
        #expect(await client.ask("corp.example", type: 252)?.responseCode == 5)
        var answer = DNSSamples.query("www.corp.example", id: 77)
        answer[2] |= 0x80
        for noise in [[], [0], [UInt8](repeating: 0xFF, count: 1_000), answer] {
            await client.send(noise)
        }
        await client.send(DNSSamples.query("www.corp.example", id: 78, flags: 0x2800))
        #expect(await client.ask("www.example.net")?.responseCode == 5)
        await forwarder.stop()
    }

    @Test("a gateway's own name comes from public servers, or as it was last")
    func gateway() async throws {
        let upstream = try await TestDnsmasq("host-record=vpn.corp.example,203.0.113.9")
        let forwarder = try await forwarder()
        let gateway = Zone.Gateway(name: "vpn.corp.example", lastGood: "203.0.113.7")
        await forwarder.apply(
            [zone([], gateway: gateway, reach: .refusing)],
            upstream: [.loopback(port: upstream.port)])
        let client = try await DNSClient.datagram(port: forwarder.port)
        let fresh = try #require(await client.ask("vpn.corp.example"))
        #expect(fresh.responseCode == 0)
        #expect(fresh.bytes.indices.contains { fresh.bytes[$0...].starts(with: [203, 0, 113, 9]) })
        await upstream.stop()
        try await waitFor("the public server is gone") {
            let pinned = await client.ask("vpn.corp.example", udpBytes: nil)
            return pinned?.responseCode == 0 && pinned?.bytes.suffix(4) == [203, 0, 113, 7]
        }
        await forwarder.stop()
    }

    @Test("a port that is taken is an error with its reason")
    func taken() async throws {
        let first = try await forwarder()
        let second = DNSForwarder(port: first.port, log: Logger(label: "test")) { _, _ in }
        await #expect(throws: IOError.self) { try await second.start() }
        await first.stop()
    }
}
