import Testing

@testable import controlplane

@Suite("Whether a tunnel carries anything")
struct TrafficWatchTests {
    /// Packets received and sent so far, at a second.
    typealias Sample = (received: UInt64, sent: UInt64, second: Int64)

    private static func verdicts(
        _ samples: [Sample], canAsk: Bool = true
    ) -> [TrafficWatch.Verdict] {
        var watch = TrafficWatch(stallMs: 20_000, canAsk: canAsk)
        return samples.map {
            watch.judge(received: $0.received, sent: $0.sent, now: 1_000 * $0.second)
        }
    }

    @Test("answers come: it carries, however long that goes on")
    func carries() {
        let samples: [Sample] = (0..<100).map { (UInt64($0), UInt64(2 * $0), Int64($0)) }
        #expect(Self.verdicts(samples).allSatisfy { $0 == .carries })
    }

    @Test("nothing is sent: silence says nothing")
    func quiet() {
        let samples: [Sample] = (0..<100).map { (7, 9, Int64($0)) }
        #expect(Self.verdicts(samples).allSatisfy { $0 == .carries })
    }

    @Test("sent and no answer: doubt after half the time, death after all of it")
    func stalls() {
        let samples: [Sample] = [
            (5, 5, 0), (5, 6, 5), (5, 7, 10), (5, 8, 15), (5, 9, 24), (5, 9, 25),
        ]
        #expect(
            Self.verdicts(samples) == [.carries, .carries, .carries, .doubtful, .doubtful, .dead])
    }

    @Test("whom we ask answers: the doubt is over, and the time begins anew")
    func recovers() {
        let samples: [Sample] = [
            (5, 5, 0), (5, 7, 1), (5, 9, 12), (6, 10, 13), (6, 12, 14), (6, 13, 23),
        ]
        #expect(
            Self.verdicts(samples)
                == [.carries, .carries, .doubtful, .carries, .carries, .carries])
    }

    @Test("where nobody can be asked it takes three times as long")
    func patience() {
        let samples: [Sample] = [(5, 5, 0), (5, 9, 1), (5, 20, 30), (5, 30, 60), (5, 40, 61)]
        #expect(
            Self.verdicts(samples, canAsk: false) == [
                .carries, .carries, .carries, .carries, .dead,
            ])
    }

    @Test("one packet that is not answered is nothing")
    func single() {
        let samples: [Sample] = [(5, 5, 0), (5, 6, 1), (5, 6, 100)]
        #expect(Self.verdicts(samples).allSatisfy { $0 == .carries })
    }
}
