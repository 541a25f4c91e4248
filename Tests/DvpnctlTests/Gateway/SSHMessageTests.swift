import Testing

@testable import dvpnctl

@Suite("ssh's connection protocol")
struct SSHMessageTests {
    @Test("what is said, as bytes")
    func said() {
        #expect(
            SSHMessage.open(kind: "x", sender: 2, extra: [9]).bytes
                == [0, 90, 0, 0, 0, 1, 0x78, 0, 0, 0, 2, 0, 16, 0, 0, 0, 0, 128, 0, 9])
        #expect(
            SSHMessage.request(channel: 1, name: "e", wantsReply: true, extra: []).bytes
                == [0, 98, 0, 0, 0, 1, 0, 0, 0, 1, 0x65, 1])
        #expect(SSHMessage.close(channel: 258).bytes == [0, 97, 0, 0, 1, 2])
        #expect(SSHMessage.end(channel: 0).bytes == [0, 96, 0, 0, 0, 0])
        #expect(
            SSHMessage.data(channel: 0, [7, 8]).bytes == [0, 94, 0, 0, 0, 0, 0, 0, 0, 2, 7, 8])
    }

    /// What OpenSSH 9.2 sent, less its length.
    @Test(
        "what is heard",
        arguments: [
            (
                [0, 91, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0x80, 0],
                SSHMessage.opened(channel: 0, peer: 5)
            ),
            (
                [0, 92, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0x6e, 0x6f, 0, 0, 0, 0],
                .openFailed(channel: 1, code: 2, words: "no")
            ),
            ([0, 99, 0, 0, 0, 1], .success(channel: 1)),
            ([0, 100, 0, 0, 0, 1], .failure(channel: 1)),
            ([0, 94, 0, 0, 0, 1, 0, 0, 0, 1, 65], .data(channel: 1, [65])),
            ([0, 95, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 65], .extendedData(channel: 1, [65])),
            ([0, 96, 0, 0, 0, 1], .end(channel: 1)),
            ([0, 97, 0, 0, 0, 1], .close(channel: 1)),
            (
                [0, 98, 0, 0, 0, 1, 0, 0, 0, 1, 65, 0, 0, 0, 0, 7],
                .request(channel: 1, name: "A", wantsReply: false, extra: [0, 0, 0, 7])
            ),
            ([0, 93, 0, 0, 0, 1, 0, 0, 0, 1], .other(93)), ([0, 80, 1], .other(80)),
        ] as [([UInt8], SSHMessage)])
    func heard(bytes: [UInt8], message: SSHMessage) {
        #expect(SSHMessage(bytes) == message)
    }

    @Test("what is cut short is no message")
    func cut() {
        let whole: [UInt8] = [0, 92, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0x6e, 0x6f]
        for count in whole.indices { #expect(SSHMessage(Array(whole[..<count])) == nil) }
        #expect(SSHMessage([0, 94, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 1]) == nil)
    }
}
