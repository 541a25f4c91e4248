import Protocol
import Testing

/// Blocks of addresses.
@Suite struct PrefixTests {
    private let ten = Prefix(family: .ipv4, length: 8, address: Address(ipv4: 0x0a00_0000))

    @Test func contains() {
        #expect(ten.contains(Address(ipv4: 0x0a00_0000), .ipv4))
        #expect(ten.contains(Address(ipv4: 0x0aff_ffff), .ipv4))
        #expect(!ten.contains(Address(ipv4: 0x0b00_0000), .ipv4))
        #expect(!ten.contains(Address(ipv4: 0x09ff_ffff), .ipv4))
        #expect(!ten.contains(Address(ipv4: 0x0a00_0000), .ipv6))
    }

    @Test func containsAtTheEnds() {
        let all = Prefix(family: .ipv6, length: 0, address: Address(high: 0, low: 0))
        #expect(all.contains(Address(high: .max, low: .max), .ipv6))
        #expect(!all.contains(Address(high: 0, low: 0), .ipv4))
        let host = Prefix(family: .ipv6, length: 128, address: Address(high: 1, low: 2))
        #expect(host.contains(Address(high: 1, low: 2), .ipv6))
        #expect(!host.contains(Address(high: 1, low: 3), .ipv6))
        let low = Prefix(family: .ipv6, length: 65, address: Address(high: 1, low: 1 << 63))
        #expect(low.contains(Address(high: 1, low: .max), .ipv6))
        #expect(!low.contains(Address(high: 1, low: 1), .ipv6))
    }

    @Test func validity() {
        #expect(ten.isValid)
        #expect(!Prefix(family: .ipv4, length: 33, address: Address(ipv4: 0)).isValid)
        #expect(!Prefix(family: .ipv6, length: 129, address: Address(ipv4: 0)).isValid)
        #expect(!Prefix(family: .ipv4, length: 8, address: Address(ipv4: 0x0a00_0001)).isValid)
        #expect(!Prefix(family: .ipv4, length: 32, address: Address(high: 0, low: 1)).isValid)
        #expect(Prefix(family: .ipv4, length: 32, address: Address(ipv4: .max)).isValid)
        #expect(Prefix(family: .ipv6, length: 128, address: Address(high: 0, low: 1)).isValid)
    }

    @Test func orderIsFamilyThenAddressThenLength() {
        let ascending = [
            Prefix(family: .ipv4, length: 0, address: Address(ipv4: 0)),
            ten,
            Prefix(family: .ipv4, length: 16, address: Address(ipv4: 0x0a00_0000)),
            Prefix(family: .ipv4, length: 16, address: Address(ipv4: 0x0a01_0000)),
            Prefix(family: .ipv4, length: 8, address: Address(ipv4: 0x0b00_0000)),
            Prefix(family: .ipv6, length: 0, address: Address(high: 0, low: 0)),
        ]
        for (index, left) in ascending.enumerated() {
            for (other, right) in ascending.enumerated() {
                #expect((left < right) == (index < other))
                #expect((left == right) == (index == other))
            }
        }
    }
}
