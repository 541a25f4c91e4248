import Protocol
import Testing

/// A table of any size becomes frames that each fit, and comes back whole.
@Suite struct TableFramesTests {
    private func networks(_ count: Int) -> [NetworkSettings] {
        (0..<count).map {
            NetworkSettings(
                id: UInt32($0), connector: .socks, mode: .truthful, flags: 0, holdMs: 1,
                halfOpenMax: 1, connectionsMax: 1, device: DeviceName())
        }
    }

    private func prefixes(_ count: Int) -> [PrefixEntry] {
        (0..<count).map {
            PrefixEntry(
                prefix: Prefix(family: .ipv4, length: 32, address: Address(ipv4: UInt32($0))),
                network: UInt32($0 % 7))
        }
    }

    @Test(arguments: [
        (0, 0), (1, 1), (1_638, 2_730), (1_639, 2_731), (3_276, 5_460), (10_000, 20_000),
    ])
    func comesBackWhole(_ networkCount: Int, _ prefixCount: Int) {
        let networks = networks(networkCount)
        let prefixes = prefixes(prefixCount)
        let frames = TableFrames(
            generation: 3, networks: networks.reversed(), prefixes: prefixes.reversed())
        var check = TableCheck()
        var gotNetworks: [NetworkSettings] = []
        var gotPrefixes: [PrefixEntry] = []
        var finished = false
        let stream = Stream()
        for message in frames.messages {
            let bytes = message.frame()
            #expect(!bytes.isEmpty && bytes.count <= Limits.frameBytesMax)
            for event in stream.feed(bytes, size: 10_000) {
                switch event {
                case .decoded(.message(.tableBegin(let begin)), _): check.start(begin)
                case .decoded(.message(.networkChunk(let items)), _):
                    #expect(items.allSatisfy { check.accept($0) })
                    gotNetworks += items
                case .decoded(.message(.prefixChunk(let items)), _):
                    #expect(items.allSatisfy { check.accept($0) })
                    gotPrefixes += items
                case .decoded(.message(.tableCommit(let commit)), _):
                    finished = check.finish(commit)
                default: Issue.record("\(event)")
                }
            }
        }
        #expect(finished)
        #expect(gotNetworks == networks)
        #expect(gotPrefixes == prefixes)
    }

    @Test func aFullChunkFitsAndOneMoreDoesNot() {
        #expect(Message.networkChunk(networks(1_638)).frame().count == 12 + 2 + 1_638 * 40)
        #expect(Message.networkChunk(networks(1_639)).frame().isEmpty)
        #expect(Message.prefixChunk(prefixes(2_730)).frame().count == 12 + 2 + 2_730 * 24)
        #expect(Message.prefixChunk(prefixes(2_731)).frame().isEmpty)
    }
}
