import Protocol
import Testing

/// Sixteen bytes as two integers.
@Suite struct AddressTests {
    @Test func ipv4LiesInTheTop32Bits() {
        let address = Address(ipv4: 0x0a01_0203)
        #expect(address.high == 0x0a01_0203_0000_0000)
        #expect(address.low == 0)
        #expect(address.ipv4 == 0x0a01_0203)
    }

    /// Compared with masking bit by bit.
    @Test(arguments: 0...128)
    func masked(_ length: Int) {
        let ones = Address(high: .max, low: .max)
        func bits(_ count: Int) -> UInt64 {
            (0..<min(max(count, 0), 64)).reduce(0) { $0 | 1 << (63 - $1) }
        }
        let expected = Address(high: bits(length), low: bits(length - 64))
        #expect(ones.masked(UInt8(length)) == expected)
    }

    @Test func maskedBeyondItsSize() {
        let ones = Address(high: .max, low: .max)
        #expect(ones.masked(129) == ones)
        #expect(ones.masked(255) == ones)
    }

    @Test func order() {
        let ascending = [
            Address(high: 0, low: 0), Address(high: 0, low: 1), Address(high: 0, low: .max),
            Address(high: 1, low: 0), Address(ipv4: 1), Address(ipv4: 0xffff_ffff),
        ]
        for (index, left) in ascending.enumerated() {
            for (other, right) in ascending.enumerated() {
                #expect((left < right) == (index < other))
                #expect((left == right) == (index == other))
            }
        }
    }

    @Test func validity() {
        #expect(Address(ipv4: .max).isValid(.ipv4))
        #expect(!Address(high: 1, low: 0).isValid(.ipv4))
        #expect(!Address(high: 0, low: 1).isValid(.ipv4))
        #expect(Address(high: .max, low: .max).isValid(.ipv6))
    }
}
