import Protocol
import Testing

/// The names that the kernel takes, and those that it does not.
@Suite struct DeviceNameTests {
    @Test(arguments: ["", "a", "tun0", "eth0.100", "...", "fifteen-bytes-0", "ü", "wg-home"])
    func good(_ text: String) throws {
        let name = try #require(DeviceName(text))
        #expect(name.text == text)
        #expect(name.count == text.utf8.count)
        #expect(name.isEmpty == text.isEmpty)
    }

    @Test(arguments: [
        ".", "..", "a/b", "/", "eth0:1", "a b", " ", "a\tb", "a\n", "a\u{0b}", "a\r", "a\0b", "\0",
        "sixteen-bytes-00", "seventeen-bytes-0",
    ])
    func bad(_ text: String) {
        #expect(DeviceName(text) == nil)
    }

    /// The kernel wants a NUL in the sixteenth byte.
    @Test func sixteenBytesOnTheWire() {
        let bytes = [UInt8](repeating: 0x61, count: 16)
        let name = unsafe bytes.withUnsafeBytes {
            var reader = unsafe BodyReader($0)
            return DeviceName(decoding: &reader)
        }
        #expect(name == nil)
    }

    @Test func equality() {
        #expect(DeviceName("tun0") == DeviceName("tun0"))
        #expect(DeviceName("tun0") != DeviceName("tun1"))
        #expect(DeviceName() == DeviceName(""))
    }
}
