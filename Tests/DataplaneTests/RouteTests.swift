import Protocol
import Testing

@testable import dataplane

@Suite("Longest prefix")
struct RouteTests {
    static func prefix(_ address: UInt32, _ length: UInt8) -> Prefix {
        Prefix(family: .ipv4, length: length, address: Address(ipv4: address))
    }

    static func prefix6(_ high: UInt64, _ length: UInt8) -> Prefix {
        Prefix(family: .ipv6, length: length, address: Address(high: high, low: 0))
    }

    @Test("The narrowest prefix around an address owns it")
    func nested() {
        var table = PrefixTable(capacity: 16)
        let entries: [(Prefix, UInt32)] = [
            (Self.prefix(0x0a00_0000, 8), 1), (Self.prefix(0x0a01_0000, 16), 2),
            (Self.prefix(0x0a01_0200, 24), 3), (Self.prefix(0x0a01_0203, 32), 4),
            (Self.prefix(0x0b00_0000, 24), 5), (Self.prefix6(0xfd00 << 48, 16), 6),
            (Self.prefix6(0xfd00_0001 << 32, 32), 7),
        ]
        for (prefix, network) in entries { check(table.append(prefix, network: network)) }
        let lookups: [(UInt32, UInt32?)] = [
            (0x0a01_0203, 4), (0x0a01_0204, 3), (0x0a01_02ff, 3), (0x0a01_0300, 2),
            (0x0a02_0000, 1),
            (0x0aff_ffff, 1), (0x0900_0000, nil), (0x0b00_0100, nil), (0x0b00_0001, 5),
            (0xffff_ffff, nil), (0, nil),
        ]
        for (address, network) in lookups {
            #expect(table.network(of: Packets.v4(address, 1)) == network)
        }
        func v6(_ high: UInt64) -> Endpoint {
            Endpoint(family: .ipv6, address: Address(high: high, low: 9), port: 1)
        }
        #expect(table.network(of: v6(0xfd00_0001 << 32)) == 7)
        #expect(table.network(of: v6(0xfd00_0002 << 32)) == 6)
        #expect(table.network(of: v6(0xfe00 << 48)) == nil)
        #expect(table.network(of: v6(0x0a01_0203 << 32)) == nil)
    }

    @Test("Agrees with trying every prefix, on random tables")
    func random() {
        var generator = Random(state: 42)
        for round in 0..<100 {
            var all: [Prefix: UInt32] = [:]
            for index in 0..<200 {
                let length = UInt8(generator.next() % 33)
                let address = Address(
                    ipv4: UInt32(truncatingIfNeeded: generator.next()) & 0x0f0f_00ff)
                let whole = Prefix(family: .ipv4, length: length, address: address.masked(length))
                all[whole] = UInt32(index + 1)
            }
            var table = PrefixTable(capacity: all.count)
            for (prefix, network) in all.sorted(by: { $0.key < $1.key }) {
                check(table.append(prefix, network: network))
            }
            if round.isMultiple(of: 2) { table.seal() }
            for _ in 0..<200 {
                let address = Address(
                    ipv4: UInt32(truncatingIfNeeded: generator.next()) & 0x0f0f_00ff)
                let owner = all.filter { $0.key.contains(address, .ipv4) }
                    .max { $0.key.length < $1.key.length }
                #expect(table.network(of: Packets.v4(address.ipv4, 1)) == owner?.value)
            }
        }
    }

    @Test("Agrees with trying every prefix where many IPv6 ones start alike")
    func alike() {
        var generator = Random(state: 43)
        func address(_ spread: UInt64) -> Address {
            Address(
                high: 0xfd00 << 48 | generator.next() % spread, low: generator.next() & 0xf0f << 52)
        }
        for spread in [1, 2, 1 << 20, 1 << 47] as [UInt64] {
            var all: [Prefix: UInt32] = [:]
            for index in 0..<300 {
                let length = UInt8(generator.next() % 129)
                let whole = Prefix(
                    family: .ipv6, length: length, address: address(spread).masked(length))
                all[whole] = UInt32(index + 1)
            }
            var table = PrefixTable(capacity: all.count + 1)
            check(table.append(Self.prefix(0x0a00_0000, 8), network: 9_999))
            for (prefix, network) in all.sorted(by: { $0.key < $1.key }) {
                check(table.append(prefix, network: network))
            }
            table.seal()
            for _ in 0..<500 {
                let address = address(spread)
                let owner = all.filter { $0.key.contains(address, .ipv6) }
                    .max { $0.key.length < $1.key.length }
                let endpoint = Endpoint(family: .ipv6, address: address, port: 1)
                #expect(table.network(of: endpoint) == owner?.value)
            }
        }
    }

    @Test("A changed table is the whole one that it stands for")
    func changed() {
        var generator = Random(state: 11)
        for _ in 0..<100 {
            func some() -> [Prefix: UInt32] {
                var all: [Prefix: UInt32] = [:]
                for _ in 0..<40 {
                    let length = UInt8(8 + generator.next() % 9)
                    let address = Address(ipv4: 0x0a00_0000 | UInt32(generator.next() % 64) << 16)
                    let prefix = Prefix(
                        family: .ipv4, length: length, address: address.masked(length))
                    all[prefix] = UInt32(1 + generator.next() % 5)
                }
                return all
            }
            var (before, changes) = (some(), some())
            for prefix in before.keys where generator.next() % 4 == 0 { changes[prefix] = 0 }
            var old = PrefixTable(capacity: 200)
            for (prefix, network) in before.sorted(by: { $0.key < $1.key }) {
                check(old.append(prefix, network: network))
            }
            old.seal()
            var new = PrefixTable(capacity: 200)
            var slot: UInt32 = 1
            for (prefix, network) in changes.sorted(by: { $0.key < $1.key }) {
                check(new.take(from: old, &slot, before: prefix))
                if network != 0 { check(new.append(prefix, network: network)) }
            }
            check(new.take(from: old, &slot, before: nil))
            new.seal()
            for (prefix, network) in changes { before[prefix] = network == 0 ? nil : network }
            #expect(Int(new.count) == before.count)
            for _ in 0..<200 {
                let address = Address(ipv4: 0x0a00_0000 | UInt32(generator.next() % (1 << 23)))
                let owner = before.filter { $0.key.contains(address, .ipv4) }
                    .max { $0.key.length < $1.key.length }
                let endpoint = Endpoint(family: .ipv4, address: address, port: 1)
                #expect(new.network(of: endpoint) == owner?.value)
            }
        }
    }

    @Test("Refuses what is out of order, twice there, no prefix, or too much")
    func refuses() {
        var table = PrefixTable(capacity: 2)
        check(table.append(Self.prefix(0x0a00_0000, 8), network: 1))
        check(!table.append(Self.prefix(0x0a00_0000, 8), network: 1))
        check(!table.append(Self.prefix(0x0900_0000, 8), network: 1))
        check(!table.append(Self.prefix(0x0a00_0001, 24), network: 1))
        check(!table.append(Self.prefix(0x0b00_0000, 33), network: 1))
        check(table.append(Self.prefix(0x0b00_0000, 8), network: 2))
        check(!table.append(Self.prefix(0x0c00_0000, 8), network: 2))
        table.removeAll()
        #expect(table.network(of: Packets.v4(0x0a00_0001, 1)) == nil)
    }
}

/// A small generator with a fixed start, so that a failure can be repeated (xorshift64*).
struct Random {
    var state: UInt64
    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_f491_4f6c_dd1d
    }
}
