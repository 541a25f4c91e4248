import Protocol
import Testing

/// A table of any size becomes frames that each fit, and comes back whole.
@Suite struct TableFramesTests {
    private func networks(_ count: Int) -> [NetworkSettings] {
        (0..<count).map {
            NetworkSettings(
                id: UInt32($0), connector: .socks, mode: .truthful, flags: [], holdMs: 1,
                halfOpenMax: 1, connectionsMax: 1, device: DeviceName())
        }
    }

    private func prefixes(_ count: Int) -> [PrefixEntry] {
        (0..<count).map {
            PrefixEntry(
                prefix: Prefix(family: .ipv4, length: 32, address: Address(ipv4: UInt32($0))),
                network: UInt32(1 + $0 % 7))
        }
    }

    private func filters(_ count: Int) -> [PacketRules] {
        (0..<count).compactMap {
            PacketRules([PacketRule(isAllowed: false, ipProtocol: 17, low: UInt16($0))])
        }
    }

    @Test(arguments: [
        (0, 0), (1, 1), (1_489, 2_730), (1_490, 2_731), (2_978, 5_460), (10_000, 20_000),
    ])
    func comesBackWhole(_ networkCount: Int, _ prefixCount: Int) {
        let networks = networks(networkCount)
        let prefixes = prefixes(prefixCount)
        let filters = filters(networkCount % 5)
        let frames = TableFrames(
            generation: 3, networks: networks.reversed(), prefixes: prefixes.reversed(),
            filters: filters)
        var check = TableCheck()
        var gotFilters: [PacketRules] = []
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
                case .decoded(.message(.filterChunk(let chunk)), _):
                    let isAccepted = check.accept(chunk)
                    #expect(isAccepted)
                    gotFilters.append(chunk.rules)
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
        #expect(gotFilters == filters)
        #expect(gotNetworks == networks)
        #expect(gotPrefixes == prefixes)
    }

    @Test func aFullChunkFitsAndOneMoreDoesNot() {
        #expect(Message.networkChunk(networks(1_489)).frame().count == 12 + 2 + 1_489 * 44)
        #expect(Message.networkChunk(networks(1_490)).frame().isEmpty)
        #expect(Message.prefixChunk(prefixes(2_730)).frame().count == 12 + 2 + 2_730 * 24)
        #expect(Message.prefixChunk(prefixes(2_731)).frame().isEmpty)
    }
}
