import Protocol
import Testing

/// No bytes make the decoders trap, and what they accept they would also send.
@Suite struct GarbageTests {
    @Test func randomBodiesOfEveryKind() {
        var dice = Dice(seed: 1)
        for kind in Kind.allCases {
            for _ in 0..<2_000 {
                let count = Int.random(in: 0...120, using: &dice)
                check(kind, (0..<count).map { _ in UInt8.random(in: 0...255, using: &dice) })
            }
        }
    }

    /// Near misses reach further into the decoders than noise does.
    @Test(arguments: Sample.all)
    func samplesWithBytesChanged(_ sample: Sample) {
        var dice = Dice(seed: 2)
        for _ in 0..<3_000 where !sample.body.isEmpty {
            var body = sample.body
            for _ in 0..<Int.random(in: 1...3, using: &dice) {
                let index = Int.random(in: 0..<body.count, using: &dice)
                body[index] = UInt8.random(in: 0...255, using: &dice)
            }
            check(sample.message.kind, body)
        }
    }

    @Test func randomStreams() {
        var dice = Dice(seed: 3)
        for _ in 0..<500 {
            var bytes: [UInt8] = []
            while bytes.count < 2_000 {
                let sample = Sample.all.randomElement(using: &dice) ?? Sample.all[0]
                bytes += sample.bytes
            }
            for _ in 0..<Int.random(in: 0...6, using: &dice) {
                let index = Int.random(in: 0..<bytes.count, using: &dice)
                bytes[index] = UInt8.random(in: 0...255, using: &dice)
            }
            let whole = Stream()
            let pieces = Stream()
            let size = Int.random(in: 1...97, using: &dice)
            #expect(whole.feed(bytes) == pieces.feed(bytes, size: size))
        }
    }

    /// What was accepted and is sent again is accepted again, with the same meaning.
    private func check(_ kind: Kind, _ body: [UInt8]) {
        guard case .message(let message) = decode(kind, body) else { return }
        let again = [UInt8](message.frame().dropFirst(Limits.headerLength))
        if decode(kind, again) != .message(message) {
            Issue.record("\(kind) \(body)")
        }
        // Where nothing may be left out or added the bytes are the same as well.
        let flexible: [Kind] = [.hello, .dataplaneHello, .statistics]
        if !flexible.contains(kind) && again != body {
            Issue.record("\(kind) \(body) became \(again)")
        }
    }
}
