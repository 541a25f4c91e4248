import Protocol
import Testing

/// Paths as a sockaddr_un wants them.
@Suite struct SocketPathTests {
    @Test(arguments: ["a", "run/x", "/a\0b", "\0abstract", " /a"])
    func bad(_ text: String) {
        #expect(SocketPath(text) == nil)
    }

    @Test func tooLong() {
        #expect(SocketPath("/" + String(repeating: "x", count: 106)) != nil)
        #expect(SocketPath("/" + String(repeating: "x", count: 107)) == nil)
    }

    @Test func copiesWithItsNUL() throws {
        let path = try #require(SocketPath("/run/a"))
        let memory = Memory(8)
        #expect(unsafe path.copy(to: memory.buffer) == 6)
        #expect(memory.bytes(8) == hex("2f72756e2f61 00 ee"))
    }

    @Test func doesNotCopyWhereThereIsNoRoom() throws {
        let path = try #require(SocketPath("/run/a"))
        let memory = Memory(6)
        #expect(unsafe path.copy(to: memory.buffer) == -1)
        #expect(memory.bytes(6) == [UInt8](repeating: 0xee, count: 6))
    }

    @Test func equality() {
        #expect(SocketPath("/a") == SocketPath("/a"))
        #expect(SocketPath("/a") != SocketPath("/b"))
        #expect(SocketPath("/a") != SocketPath("/ab"))
    }
}
