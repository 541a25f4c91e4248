import Protocol
import Testing

/// A body of the wrong length is malformed, whichever kind it is and wherever it is cut.
@Suite struct TruncationTests {
    @Test(arguments: Sample.all)
    func everyShorterBody(_ sample: Sample) {
        let kind = sample.message.kind
        // Minor version 3 did not say in which families it listens.
        let whole = kind == .dataplaneHello ? sample.body.count - 1 : sample.body.count
        for length in 0..<whole {
            let cut = [UInt8](sample.body.prefix(length))
            #expect(decode(kind, cut) == .malformed(kind), "\(length)")
        }
    }

    /// Planes of two versions must understand each other while a package is being upgraded.
    @Test func helloOfMinorVersion3() {
        let hello = DataplaneHello(
            major: 1, minor: 3, features: 2, pid: 9, worker: 1, workers: 2,
            listening: FamilySet(ipv4: false, ipv6: false))
        let cut = [UInt8](
            Message.dataplaneHello(hello).frame(requestID: 0).dropFirst(12).dropLast())
        let both = DataplaneHello(major: 1, minor: 3, features: 2, pid: 9, worker: 1, workers: 2)
        #expect(decode(.dataplaneHello, cut) == .message(.dataplaneHello(both)))
    }

    /// Only the two hellos may grow, so that a future version can be refused in words.
    @Test(arguments: Sample.all)
    func longerBodies(_ sample: Sample) {
        let kind = sample.message.kind
        let growing: [Kind] = [.hello, .dataplaneHello]
        for extra in [1, 2, 4, 8, 1_000] {
            for filler: UInt8 in [0, 1] {
                let body = sample.body + [UInt8](repeating: filler, count: extra)
                let expected: DecodedMessage =
                    growing.contains(kind) ? .message(sample.message) : .malformed(kind)
                #expect(decode(kind, body) == expected, "\(extra) more")
            }
        }
    }

    /// A frame that stops anywhere is simply not there yet.
    @Test(arguments: Sample.all)
    func everyTruncatedFrameWaits(_ sample: Sample) {
        for length in 0..<sample.bytes.count {
            let stream = Stream()
            #expect(stream.feed([UInt8](sample.bytes.prefix(length))).isEmpty)
            #expect(stream.pending == length)
        }
    }

    @Test func chunksMustMatchTheirCount() {
        let item = [UInt8](Sample.all[3].body.dropFirst(2).prefix(Limits.networkLength))
        #expect(decode(.networkChunk, [0, 0]) == .malformed(.networkChunk))
        #expect(decode(.networkChunk, [0, 2] + item) == .malformed(.networkChunk))
        #expect(decode(.networkChunk, [0, 1] + item + item) == .malformed(.networkChunk))
        #expect(decode(.prefixChunk, [0, 0]) == .malformed(.prefixChunk))
        #expect(decode(.prefixChunk, [0xff, 0xff]) == .malformed(.prefixChunk))
        guard case .message(.networkChunk(let items)) = decode(.networkChunk, [0, 1] + item) else {
            Issue.record("one item is a chunk")
            return
        }
        #expect(items.count == 1)
    }
}
