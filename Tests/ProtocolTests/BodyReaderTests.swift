import Protocol
import Testing

/// The cursor over one body.
@Suite struct BodyReaderTests {
    private func read<T>(_ bytes: [UInt8], _ body: (inout BodyReader) -> T) -> T {
        unsafe bytes.withUnsafeBytes {
            var reader = unsafe BodyReader($0)
            return body(&reader)
        }
    }

    @Test func readsEveryWidth() {
        read(hex("01 0203 04050607 08090a0b0c0d0e0f")) { reader in
            #expect(reader.remaining == 15)
            #expect(reader.u8() == 0x01)
            #expect(reader.u16() == 0x0203)
            #expect(reader.u32() == 0x0405_0607)
            #expect(!reader.isComplete)
            #expect(reader.u64() == 0x0809_0a0b_0c0d_0e0f)
            #expect(reader.isComplete)
            #expect(reader.remaining == 0)
        }
    }

    /// Past the end everything is zero, also a smaller field that would still have fitted.
    @Test func failureIsSticky() {
        read(hex("010203")) { reader in
            #expect(reader.u32() == 0)
            #expect(reader.failed)
            #expect(reader.u8() == 0)
            #expect(reader.u16() == 0)
            #expect(reader.u64() == 0)
            #expect(!reader.isComplete)
        }
    }

    @Test func refusalIsSticky() {
        read(hex("01")) { reader in
            reader.fail()
            #expect(reader.u8() == 0)
            #expect(!reader.isComplete)
        }
        read([]) { reader in
            #expect(reader.isComplete)
            reader.fail()
            #expect(!reader.isComplete)
        }
    }

    @Test func reservedFieldsMustBeZero() {
        let texts = [
            "00 0000", "01 0000", "00 0001", "00 8000",
        ]
        for text in texts {
            let bytes = hex(text)
            read(bytes) { reader in
                reader.reserved8()
                reader.reserved16()
                #expect(reader.isComplete == bytes.allSatisfy { $0 == 0 })
            }
        }
    }

    @Test func addressesOfBothFamilies() {
        let bytes = hex("0a010203000000000000000000000001")
        read(bytes) { reader in
            #expect(reader.address(.ipv6) == Address(high: 0x0a01_0203_0000_0000, low: 1))
            #expect(reader.isComplete)
        }
        read(bytes) { reader in
            _ = reader.address(.ipv4)
            #expect(reader.failed)
        }
    }
}
