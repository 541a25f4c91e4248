import CLinux
import Glibc
import Protocol
import Testing

@testable import dataplane

@Suite("Several workers")
struct CrewTests {
    @Test("Shares of a limit are enough together, and none is no limit", arguments: 1...16)
    func limits(count: Int) {
        let crew = Crew(count: count)
        for limit: UInt32 in [0, 1, 2, 7, 900, 100_000, .max] {
            let share = UInt64(crew.share(of: limit))
            #expect(share * UInt64(count) >= UInt64(limit))
            #expect(share * UInt64(count) < UInt64(limit) + UInt64(count))
            #expect((share == 0) == (limit == 0))
        }
    }

    @Test("Shares of local sockets add up, and everybody has one of them", arguments: 1...16)
    func endpoints(count: Int) {
        let crew = Crew(count: count)
        for capacity: UInt32 in [1, 10, 900] {
            var sums = [UInt32](repeating: 0, count: count)
            for endpoint: UInt32 in 0..<UInt32(count) {
                var sum: UInt32 = 0
                for worker in 0..<count {
                    let share = crew.share(
                        of: capacity, endpoint: endpoint, worker: UInt32(worker))
                    sum += share
                    sums[worker] += share
                }
                #expect(sum == capacity)
            }
            #expect(sums.allSatisfy { $0 == capacity })
        }
    }

    /// A connection to a private address that netfilter redirected to the listener.
    private struct Client {
        let listener: Int32
        let own: Int32
        let accepted: Int32
        let source: Endpoint

        init(codepoint: UInt8) throws {
            let listener = Int32(dp_listen_tcp(4, 0))
            try #require(listener >= 0)
            _ = dp_save_syn(listener)
            let own = newSocket(AF_INET, SOCK_STREAM)
            var tos = Int32(codepoint) << 2
            setsockopt(own, Int32(IPPROTO_IP), IP_TOS, &tos, socklen_t(MemoryLayout<Int32>.size))
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
            address.sin_port = in_port_t(UInt16(dp_listener_port(listener))).bigEndian
            let length = socklen_t(MemoryLayout<sockaddr_in>.size)
            _ = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(own, $0, length) }
            }
            var peer = dp_endpoint()
            let accepted = Int32(dp_accept(listener, &peer))
            try #require(accepted >= 0)
            self.listener = listener
            self.own = own
            self.accepted = accepted
            source = Endpoint(.ipv4, peer)
        }

        /// True once it was reset.
        var isReset: Bool {
            var byte: UInt8 = 0
            return read(own, &byte, 1) < 0 && errno == ECONNRESET
        }

        func end() { for descriptor in [listener, own] { close(descriptor) } }
    }

    @Test(
        "An accepted connection finds the worker that wrote its SYN, even if the mark was lost",
        arguments: [0, 1, 40], [0, 1])
    func claims(codepoint: UInt8, acceptor: Int) throws {
        let crew = Crew(count: 2)
        let network = NetworkSettings(
            id: 1, connector: .direct, mode: .truthful, flags: [], holdMs: 10_000, halfOpenMax: 0,
            connectionsMax: 0, device: DeviceName())
        let local = Address(ipv4: 0x7f00_0001)
        let prefix = Prefix(family: .ipv4, length: 32, address: local)
        let workers = [0, 1].map {
            Harness(
                [network], prefixes: [PrefixEntry(prefix: prefix, network: 1)], crew: crew,
                index: $0)
        }
        let owner = workers[codepoint == 1 ? 1 : 0]
        let server = Int32(dp_listen_tcp(4, 0))
        let target = Endpoint(
            family: .ipv4, address: local, port: UInt16(dp_listener_port(server)))
        let client = try Client(codepoint: codepoint)
        defer {
            client.end()
            close(server)
        }
        owner.state(1, .up)
        owner.ring(Packets.tcp(client.source, target, flags: SegmentTests.syn))
        var written: [[UInt8]] = []
        #expect(
            owner.turn {
                written += owner.written()
                return !written.isEmpty
            })
        #expect(written.map(Fixture.codepoint) == [codepoint == 1 ? 1 : 0])
        workers[acceptor].worker.findFarSide(of: client.accepted, client.source, target)
        #expect(
            owner.turn {
                workers[acceptor].worker.turn(waiting: 0)
                return owner.worker.statistics[.paired] == 1
            })
        let handed = workers.map { $0.worker.statistics[.handedOn] }
        #expect(handed.reduce(0, +) == (workers[acceptor] === owner ? 0 : 1))
        #expect(handed[acceptor] == handed.reduce(0, +))

        // Another one whose far side nobody has, and no process before these can have had.
        for each in workers { each.worker.startedAt = 0 }
        let stranger = try Client(codepoint: codepoint)
        defer { stranger.end() }
        workers[acceptor].worker.findFarSide(of: stranger.accepted, stranger.source, target)
        #expect(
            owner.turn {
                for each in workers { each.worker.turn(waiting: 0) }
                return stranger.isReset
            })
        #expect(workers.map { $0.worker.statistics[.strays] }.reduce(0, +) == 1)

        // One that such a process let in.
        for each in workers {
            each.worker.startedAt = each.worker.now
            each.state(1, .up)
        }
        let late = try Client(codepoint: codepoint)
        defer { late.end() }
        workers[acceptor].worker.findFarSide(of: late.accepted, late.source, target)
        #expect(
            owner.turn {
                for each in workers { each.worker.turn(waiting: 0) }
                return workers.map { $0.worker.networks[1].open }.reduce(0, +) == 2
            })
    }

    @Test("A worker's number is in its connections' ids and its lists' cursors")
    func ids() {
        var connection = Connection()
        connection.generation = 5
        #expect(connection.id(7, worker: 3) == 0x5_0300_0007)
        #expect(Worker.slot(0x0300_0007) == 7)
    }
}
