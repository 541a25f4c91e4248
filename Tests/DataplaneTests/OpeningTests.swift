import Protocol
import Testing

@testable import dataplane

@Suite("Openings and their sources")
struct OpeningTests {
    @Test("Openings are found by both ends, in chains, and not after they left")
    func table() {
        var table = OpeningTable(capacity: 64, seed: 1)
        var slots: [(Endpoint, Endpoint, UInt32)] = []
        for index in 0..<64 {
            let source = Packets.v4(UInt32(index / 8), UInt16(index))
            let target = Packets.v4(0x0a00_0000, UInt16(index % 8))
            let slot = table.take()
            table.slots[slot].source = source
            table.slots[slot].target = target
            table.enter(slot)
            slots.append((source, target, slot))
        }
        check(table.isFull && table.take() == 0)
        for (source, target, slot) in slots { #expect(table.find(source, target) == slot) }
        #expect(table.find(Packets.v4(99, 99), slots[0].1) == 0)
        for (source, target, slot) in slots where slot % 2 == 0 {
            table.leave(slot)
            table.free(slot)
            #expect(table.find(source, target) == 0)
        }
        for (source, target, slot) in slots where slot % 2 == 1 {
            #expect(table.find(source, target) == slot)
        }
        let reused = table.take()
        #expect(reused != 0 && table.slots[reused].generation == 2)
        #expect(table.slots[reused].upstream == -1)
    }

    @Test("A list gives back in order what was put in, less what was removed")
    func list() {
        let links = Slab<SlotLink>(count: 10)
        var list = SlotQueue()
        for slot: UInt32 in 1...5 { list.append(slot, in: links) }
        list.remove(3, in: links)
        list.remove(1, in: links)
        list.remove(5, in: links)
        list.append(1, in: links)
        var order: [UInt32] = []
        while list.first != 0 {
            order.append(list.first)
            list.remove(list.first, in: links)
        }
        #expect(order == [2, 4, 1])
        #expect(list.count == 0 && list.last == 0)
    }

    @Test("Sources take turns; one that is gone takes none")
    func sources() {
        var table = SourceTable(capacity: 8, seed: 3)
        let a = table.enter(.ipv4, Address(ipv4: 1))
        let b = table.enter(.ipv4, Address(ipv4: 2))
        let c = table.enter(.ipv6, Address(ipv4: 1))
        #expect(Set([a, b, c]).count == 3)
        check(table.enter(.ipv4, Address(ipv4: 1)) == a)
        for slot in [a, b, c, a] { table.enterRing(slot) }
        #expect(table.ringCount == 3)
        table.leave(b)
        #expect(table.find(.ipv4, Address(ipv4: 2)) == 0)
        check(table.takeTurn() == a)
        check(table.takeTurn() == c)
        check(table.takeTurn() == 0)
        table.leave(a)
        #expect(table.find(.ipv4, Address(ipv4: 1)) == a)
        table.leave(a)
        #expect(table.find(.ipv4, Address(ipv4: 1)) == 0)
    }

    @Test("A source is known as long as it has openings or held packets")
    func sourcesOfPackets() {
        var table = SourceTable(capacity: 4, seed: 3)
        let address = Address(ipv4: 1)
        let slot = table.hold(.ipv4, address)
        check(table.enter(.ipv4, address) == slot && table.hold(.ipv4, address) == slot)
        #expect(table.slots[slot].packets == 2 && table.slots[slot].openings == 1)
        table.enterRing(slot)
        table.leave(slot)
        #expect(table.ringCount == 0, "packets take no turns")
        table.letGo(slot)
        #expect(table.find(.ipv4, address) == slot)
        table.letGo(slot)
        #expect(table.find(.ipv4, address) == 0)
    }

    @Test("A client has given up when its next SYN is overdue")
    func stale() {
        var opening = Opening()
        opening.firstSeen = 1_000_000
        opening.lastSeen = 1_000_000
        #expect(opening.staleAt == 4_000_000)
        opening.lastSeen = 8_000_000
        #expect(opening.staleAt == 18_000_000)
    }

    @Test("The SOCKS request is RFC 1928's, for both families")
    func socksRequest() {
        let (four, length4) = Packets.with([UInt8](repeating: 0, count: 32)) {
            Socks.request(Packets.v4(0x0a01_0203, 8080), into: $0)
        }
        #expect(Array(four.prefix(length4)) == [5, 1, 0, 5, 1, 0, 1, 10, 1, 2, 3, 0x1f, 0x90])
        let (six, length6) = Packets.with([UInt8](repeating: 0, count: 32)) {
            Socks.request(Packets.v6(0x10, 22), into: $0)
        }
        let address: [UInt8] = [0xfd, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10]
        #expect(Array(six.prefix(length6)) == [5, 1, 0, 5, 1, 0, 4] + address + [0, 22])
    }

    @Test("SOCKS answers, whole and in parts")
    func socksAnswers() {
        let table: [([UInt8], Socks.Answer)] = [
            ([5], .incomplete), ([5, 0], .incomplete), ([5, 0xff], .broken), ([4, 0], .broken),
            ([5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0], .incomplete),
            ([5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0], .opened),
            ([5, 0, 5, 5, 0, 1, 0, 0, 0, 0, 0, 0], .reset),
            ([5, 0, 5, 4, 0, 1, 0, 0, 0, 0, 0, 0], .unreachable),
            ([5, 0, 5, 1, 0, 1, 0, 0, 0, 0, 0, 0], .unreachable), ([5, 0, 9], .broken),
        ]
        for (bytes, answer) in table {
            #expect(Packets.with(bytes) { Socks.answer($0) }.1 == answer, "\(bytes)")
        }
    }
}
