import CLinux
import Glibc
import Protocol
import Testing

@testable import dataplane

@Suite("The shelf")
struct ShelfTests {
    /// A shelf of the test's own.
    final class Ends {
        let into: Int32
        let outOf: Int32

        init(bytes: Int32 = 1 << 20) {
            var ends: [Int32] = [-1, -1]
            precondition(cl_shelf(&ends, bytes) == 0)
            into = ends[0]
            outOf = ends[1]
        }

        deinit {
            close(into)
            close(outOf)
        }
    }

    /// The outer ends of a connection, which are the test's, and the inner ones.
    final class Legs {
        let client: Int32
        let server: Int32
        let inner: [Int32]

        init() {
            let left = Self.pair()
            let right = Self.pair()
            client = left.0
            server = right.0
            inner = [left.1, right.1]
        }

        deinit { for descriptor in [client, server] { close(descriptor) } }

        /// The dataplane's ends are its own by now.
        func letGo() { for descriptor in inner { close(descriptor) } }

        private static func pair() -> (Int32, Int32) {
            var ends: [Int32] = [-1, -1]
            let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
            precondition(socketpair(AF_UNIX, type, 0, &ends) == 0)
            return (ends[0], ends[1])
        }
    }

    private static func kept(
        _ phase: KeptConnection.Phase = .relayed, network: UInt32 = Fixture.spliced,
        out: KeptDirection = KeptDirection(), back: KeptDirection = KeptDirection(),
        way: KeptConnection.Way = .direct, path: String = "", port: UInt16 = 80
    ) -> KeptConnection {
        KeptConnection(
            phase: phase, network: network, source: Fixture.client,
            target: Fixture.server(Fixture.spliced, port: port), openedAt: 1, connectMicros: 2,
            out: out, back: back, way: way, endpoint: way == .direct ? 0 : 7,
            socket: .path(SocketPath(path) ?? SocketPath()))
    }

    /// Puts one connection on the shelf.
    private static func put(_ kept: KeptConnection, _ descriptors: [Int32], on ends: Ends) {
        var parcel = Parcel()
        parcel.add(kept)
        for descriptor in descriptors { parcel.add(descriptor) }
        precondition(parcel.leave(on: ends.into) > 0)
    }

    private static func give(_ ends: Ends, to harness: Harness) {
        harness.tell(.shelf(Shelf()), descriptors: [ends.into, ends.outOf])
    }

    private static func open(_ harness: Harness) -> Int {
        Int(harness.worker.networks[Fixture.spliced].open)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        precondition(Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count)
    }

    /// What comes out of the descriptor as the harness turns; "EOF" at its end.
    private static func read(_ descriptor: Int32, _ harness: Harness) -> String {
        var bytes = [UInt8](repeating: 0, count: 100)
        var count = -1
        _ = harness.turn {
            count = Glibc.read(descriptor, &bytes, bytes.count)
            return count >= 0
        }
        return count == 0 ? "EOF" : String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    @Test("A connection goes on in the next process, with what is on the way, and in the one after")
    func passesOn() {
        let ends = Ends()
        let legs = Legs()
        defer { withExtendedLifetime(legs) {} }
        var pipe = DescriptorPair()
        _ = withUnsafeMutablePointer(to: &pipe) {
            $0.withMemoryRebound(to: Int32.self, capacity: 2) { dp_pipe($0, PipePool.small) }
        }
        Self.write("late", to: pipe.second)
        let back = KeptDirection(total: 10, level: 4)
        Self.put(Self.kept(back: back), legs.inner + [pipe.first], on: ends)
        close(pipe.first)
        close(pipe.second)
        legs.letGo()

        let first = Fixture.harness()
        Self.give(ends, to: first)
        #expect(Self.read(legs.client, first) == "late")
        #expect(Self.open(first) == 1)
        Self.write("there", to: legs.client)
        #expect(Self.read(legs.server, first) == "there")
        check(first.worker.pipes.used == 0)
        // The far side ends, and the client does not.
        shutdown(legs.server, Int32(SHUT_WR))
        #expect(Self.read(legs.client, first) == "EOF")

        first.worker.leave()
        check(first.worker.notLeft == 0)
        let second = Fixture.harness()
        Self.give(ends, to: second)
        Self.write("again", to: legs.client)
        #expect(Self.read(legs.server, second) == "again")
        #expect(Self.open(second) == 1)
        second.worker.list(ListConnections(network: Fixture.spliced, cursor: 0), 1)
        let records = second.heard().compactMap { message -> ConnectionRecord? in
            if case .connection(let record) = message { record } else { nil }
        }
        #expect(records.map(\.bytesIn) == [14])
        #expect(records.map(\.bytesOut) == [10])
        #expect(records.map(\.connectMicros) == [2])
        shutdown(legs.client, Int32(SHUT_WR))
        #expect(second.turn { Self.open(second) == 0 })
    }

    @Test("A connection that comes incomplete is closed", arguments: [0, 1, 2])
    func incomplete(count: Int) {
        let ends = Ends()
        let legs = Legs()
        defer { withExtendedLifetime(legs) {} }
        let back = KeptDirection(level: 4)
        Self.put(Self.kept(back: back), Array(legs.inner.prefix(count)), on: ends)
        legs.letGo()
        let harness = Fixture.harness()
        Self.give(ends, to: harness)
        #expect(Self.read(legs.client, harness) == "EOF")
        #expect(Self.open(harness) == 0)
        check(harness.worker.connections.used == 0 && harness.worker.pipes.used == 0)
    }

    @Test("What another version left costs its own message and no other")
    func unknown() {
        let ends = Ends()
        let lost = Legs()
        defer { withExtendedLifetime(lost) {} }
        let legs = Legs()
        defer { withExtendedLifetime(legs) {} }
        let frame: [UInt8] = [0, 0, 0, 8, 0x80, 0xff, 0, 0, 0, 0, 0, 0]
        #expect(dp_leave(ends.into, frame, frame.count, lost.inner, 2) == frame.count)
        Self.put(Self.kept(network: 0), lost.inner, on: ends)
        Self.put(Self.kept(), legs.inner, on: ends)
        lost.letGo()
        legs.letGo()
        let harness = Fixture.harness()
        Self.give(ends, to: harness)
        #expect(Self.read(lost.client, harness) == "EOF")
        #expect(harness.turn { Self.open(harness) == 1 })
    }

    @Test("Its local socket is known again, and offered to others when the controlplane does")
    func endpoints() {
        let ends = Ends()
        let legs = [Legs(), Legs(), Legs()]
        defer { withExtendedLifetime(legs) {} }
        for (index, way) in [KeptConnection.Way.offered, .offered, .retired].enumerated() {
            Self.put(Self.kept(way: way, path: "/run/a"), legs[index].inner, on: ends)
            legs[index].letGo()
        }
        let harness = Fixture.harness()
        Self.give(ends, to: harness)
        #expect(harness.turn { Self.open(harness) == 3 })
        let table = harness.worker.endpoints
        let known = harness.worker.networks[Fixture.spliced].endpoints
        #expect(table.slots[known].load == 2 && table.slots[known].capacity == 0)
        #expect(harness.worker.endpointWithRoom(Fixture.spliced) == 0)
        #expect(table.socket(known) == .path(SocketPath("/run/a") ?? SocketPath()))
        check(
            harness.worker.addEndpoint(
                EndpointUpdate(
                    network: Fixture.spliced, endpoint: 7, action: .add, capacity: 9,
                    socket: table.socket(known))))
        #expect(harness.worker.endpointWithRoom(Fixture.spliced) == known)
        harness.worker.abort(1, .killed)
        harness.worker.abort(2, .killed)
        harness.worker.abort(3, .killed)
        #expect(table.slots[known].load == 0 && table.slots[known].isUsed)
    }

    @Test("A local socket that is offered no more is forgotten with its last connection")
    func forgotten() {
        let ends = Ends()
        let legs = Legs()
        defer { withExtendedLifetime(legs) {} }
        Self.put(Self.kept(way: .offered, path: "/run/a"), legs.inner, on: ends)
        legs.letGo()
        let harness = Fixture.harness()
        Self.give(ends, to: harness)
        #expect(harness.turn { Self.open(harness) == 1 })
        let known = harness.worker.networks[Fixture.spliced].endpoints
        #expect(known != 0)
        harness.worker.abort(1, .killed)
        #expect(harness.worker.networks[Fixture.spliced].endpoints == 0)
        #expect(!harness.worker.endpoints.slots[known].isUsed)
    }

    @Test("Several workers share what is there, a message each")
    func shared() {
        let ends = Ends()
        let crew = Crew(count: 2)
        let legs = (0..<20).map { _ in Legs() }
        defer { withExtendedLifetime(legs) {} }
        var parcel = Parcel()
        for each in legs {
            parcel.add(Self.kept())
            for descriptor in each.inner { parcel.add(descriptor) }
            if parcel.isFull { check(parcel.leave(on: ends.into) > 0) }
        }
        check(parcel.leave(on: ends.into) > 0)
        for each in legs { each.letGo() }
        let workers = [0, 1].map { Harness([], prefixes: [], crew: crew, index: $0) }
        for worker in workers { Self.give(ends, to: worker) }
        for worker in workers { worker.worker.turn(waiting: 0) }
        #expect(workers.map(Self.open) == [16, 4])
        for worker in workers { worker.worker.turn(waiting: 0) }
        check(workers[0].worker.shelf.isEmpty && workers[1].worker.shelf.isEmpty)
        // What is left by one is not for the other.
        workers[1].worker.leave()
        workers[0].worker.turn(waiting: 0)
        #expect(workers.map(Self.open) == [16, 4])
    }

    @Test("An end in the midst of taking loses nothing")
    func interrupted() {
        let ends = Ends()
        let legs = (0..<40).map { _ in Legs() }
        defer { withExtendedLifetime(legs) {} }
        for each in legs {
            Self.put(Self.kept(), each.inner, on: ends)
            each.letGo()
        }
        let first = Fixture.harness()
        Self.give(ends, to: first)
        for _ in 0..<20 { first.worker.turn(waiting: 0) }
        #expect(Self.open(first) == 20)
        first.worker.leave()
        let second = Fixture.harness()
        Self.give(ends, to: second)
        #expect(second.turn { Self.open(second) == 40 })
        for each in legs { Self.write("on", to: each.client) }
        for each in legs { #expect(Self.read(each.server, second) == "on") }
    }

    @Test("A drain's answer counts what is still on the shelf")
    func drains() {
        let ends = Ends()
        let legs = (0..<40).map { _ in Legs() }
        defer { withExtendedLifetime(legs) {} }
        for each in legs {
            Self.put(Self.kept(), each.inner, on: ends)
            each.letGo()
        }
        let harness = Fixture.harness()
        Self.give(ends, to: harness)
        _ = harness.heard()
        harness.state(Fixture.spliced, .idle, requestID: 9)
        let replies = harness.heard().compactMap { message -> UInt64? in
            if case .reply(let reply) = message { reply.value } else { nil }
        }
        #expect(replies == [40])
    }

    @Test("A client without a far side waits for one in the next process")
    func waiting() {
        let ends = Ends()
        let legs = Legs()
        defer { withExtendedLifetime(legs) {} }
        Self.put(Self.kept(.waiting), [legs.inner[0]], on: ends)
        legs.letGo()
        let harness = Fixture.harness()
        Self.give(ends, to: harness)
        #expect(harness.turn { harness.worker.networks[Fixture.spliced].waiting == 1 })
        #expect(harness.demands().map(\.source) == [Fixture.client])
        harness.worker.leave()
        let next = Fixture.harness()
        Self.give(ends, to: next)
        #expect(next.turn { next.worker.networks[Fixture.spliced].waiting == 1 })
    }

    @Test("A SYN that is held is opened in the next process, and in the one after")
    func syns() {
        let ends = Ends()
        let first = Fixture.harness()
        Self.give(ends, to: first)
        for port: UInt16 in 1...40 {
            first.ring(
                Packets.tcp(Fixture.client, Fixture.server(Fixture.spliced, port: port), flags: 2))
        }
        check(first.turn { first.worker.networks[Fixture.spliced].waiting == 40 })
        first.worker.leave()
        check(first.worker.notLeft == 0)
        for _ in 0..<2 {
            let next = Fixture.harness()
            Self.give(ends, to: next)
            #expect(next.turn { next.worker.networks[Fixture.spliced].waiting == 40 })
            #expect(next.demands().map(\.source) == [Fixture.client])
            // The client repeats it all the same: it is the one that is known.
            next.ring(
                Packets.tcp(Fixture.client, Fixture.server(Fixture.spliced, port: 7), flags: 2))
            #expect(next.turn { next.worker.statistics[.synRetransmitted] == 1 })
            check(next.worker.networks[Fixture.spliced].waiting == 40)
            next.worker.leave()
        }
    }

    @Test("A client that was accepted for a worker which has left waits in the next process")
    func handed() {
        let ends = Ends()
        let legs = Legs()
        defer { withExtendedLifetime(legs) {} }
        let crew = Crew(count: 2)
        let workers = [0, 1].map { Fixture.harness(crew: crew, index: $0) }
        for worker in workers { Self.give(ends, to: worker) }
        for worker in workers { check(worker.turn { worker.worker.shelf.isEmpty }) }
        workers[1].worker.leave()
        var letter = Handed(
            client: legs.inner[0], left: 2, source: Fixture.client,
            target: Fixture.server(Fixture.spliced, port: 80))
        #expect(withUnsafeMutablePointer(to: &letter) { crew.hand($0, to: 1) })
        workers[0].worker.leave()
        check(workers[0].worker.notLeft == 0)
        legs.letGo()
        let next = Fixture.harness()
        Self.give(ends, to: next)
        #expect(next.turn { next.worker.networks[Fixture.spliced].waiting == 1 })
    }

    @Test("A descriptor that would block is not waited for, and one without bytes is closed")
    func hostile() {
        let ends = Ends()
        let legs = Legs()
        defer { withExtendedLifetime(legs) {} }
        for descriptor in legs.inner { check(fcntl(descriptor, F_SETFL, 0) == 0) }
        Self.put(Self.kept(), legs.inner, on: ends)
        let lost = Legs()
        defer { withExtendedLifetime(lost) {} }
        #expect(dp_leave(ends.into, [], 0, lost.inner, 2) == 0)
        let late = Legs()
        defer { withExtendedLifetime(late) {} }
        Self.put(Self.kept(), late.inner, on: ends)
        for each in [legs, lost, late] { each.letGo() }
        let harness = Fixture.harness()
        Self.give(ends, to: harness)
        #expect(harness.turn { Self.open(harness) == 2 })
        #expect(Self.read(lost.client, harness) == "EOF")
        Self.write("here", to: legs.client)
        #expect(Self.read(legs.server, harness) == "here")
    }

    @Test("What has no room, or no shelf, is counted, and nothing is waited for")
    func full() {
        let ends = Ends(bytes: 4_608)
        let legs = (0..<60).map { _ in Legs() }
        defer { withExtendedLifetime(legs) {} }
        let wide = Ends()
        for each in legs {
            Self.put(Self.kept(), each.inner, on: wide)
            each.letGo()
        }
        let harness = Fixture.harness()
        Self.give(wide, to: harness)
        #expect(harness.turn { Self.open(harness) == 60 })
        Self.give(ends, to: harness)
        harness.worker.leave()
        let left = 60 - harness.worker.notLeft
        #expect(left > 0 && left < 60 && left % Limits.parcelMax == 0)

        let lonely = Fixture.harness()
        let last = Legs()
        defer { withExtendedLifetime(last) {} }
        Self.put(Self.kept(), last.inner, on: wide)
        last.letGo()
        Self.give(wide, to: lonely)
        #expect(lonely.turn { Self.open(lonely) == 1 })
        lonely.worker.shelf.close()
        lonely.worker.leave()
        #expect(lonely.worker.notLeft == 1)
    }

    @Test("An adopted pipe is drained, and then closed")
    func pipes() {
        var pool = PipePool(count: 2)
        let own = pool.lend()
        var pipe = DescriptorPair()
        _ = withUnsafeMutablePointer(to: &pipe) {
            $0.withMemoryRebound(to: Int32.self, capacity: 2) { dp_pipe($0, PipePool.small) }
        }
        let slot = pool.adopt(pipe.first)
        check(slot != 0 && pool.isAdopted(slot) && !pool.isAdopted(own) && pool.used == 2)
        pool.take(back: slot, level: 0)
        check(pool.used == 1)
        #expect(fcntl(pipe.first, F_GETFD) < 0)
        close(pipe.second)
        check(pool.lend() != slot)
    }

    @Test("A direction goes on where it stopped")
    func directions() {
        var direction = Direction()
        direction.isReadable = true
        direction.read(Direction.copyMax)
        direction.copied(Direction.copyMax)
        direction.filled(100)
        direction.ended()
        var next = Direction(direction.kept, pipe: 3)
        #expect(next.step == .drain && next.pipe == 3)
        next.drained(100)
        #expect(next.step == .finish)
        next.finished()
        #expect(next.total == UInt64(Direction.copyMax) + 100)
        #expect(Direction(next.kept, pipe: 0).step == .done)
    }
}
