import Testing

@testable import controlplane

@Suite("Whether a tunnel carries anything")
struct TrafficWatchTests {
    /// Packets received and sent so far, at a second.
    typealias Sample = (received: UInt64, sent: UInt64, second: Int64)

    private static func verdicts(
        _ samples: [Sample], canAsk: Bool = true
    ) -> [TrafficWatch.Verdict] {
        var watch = TrafficWatch(stallMs: 20_000)
        return samples.map { sample in
            if watch.hears(sample.received) { return .carries }
            return watch.judge(sent: sample.sent, canAsk: canAsk, now: 1_000 * sample.second)
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
            (5, 5, 0), (5, 5, 1), (5, 6, 5), (5, 7, 10), (5, 8, 15), (5, 9, 20), (5, 9, 24),
            (5, 9, 25),
        ]
        #expect(
            Self.verdicts(samples) == [
                .carries, .carries, .carries, .carries, .doubtful, .doubtful, .doubtful, .dead,
            ])
    }

    @Test("whom we ask answers: the doubt is over, and the time begins anew")
    func recovers() {
        let samples: [Sample] = [
            (5, 5, 0), (5, 5, 1), (5, 9, 2), (5, 9, 12), (6, 10, 13), (6, 12, 14), (6, 13, 15),
            (6, 14, 24), (6, 15, 25),
        ]
        #expect(
            Self.verdicts(samples) == [
                .carries, .carries, .carries, .doubtful, .carries, .carries, .carries, .carries,
                .doubtful,
            ])
    }

    @Test("one packet is enough where somebody can be asked, and he is asked before")
    func single() {
        let samples: [Sample] = [
            (5, 5, 0), (5, 5, 1), (5, 6, 2), (5, 6, 100), (5, 6, 101), (5, 6, 102), (5, 6, 103),
        ]
        #expect(
            Self.verdicts(samples) == [
                .carries, .carries, .carries, .doubtful, .doubtful, .doubtful, .dead,
            ])
    }

    @Test("where nobody can be asked it takes three times as long")
    func patience() {
        let samples: [Sample] = [
            (5, 5, 0), (5, 5, 1), (5, 9, 2), (5, 20, 15), (5, 30, 30), (5, 35, 45), (5, 40, 61),
            (5, 40, 62),
        ]
        #expect(
            Self.verdicts(samples, canAsk: false) == [
                .carries, .carries, .carries, .doubtful, .doubtful, .doubtful, .doubtful, .dead,
            ])
    }

    @Test("where nobody can be asked, packets now and then that want no answer are nothing")
    func oneWay() {
        let samples: [Sample] = (0..<100).map { (5, UInt64($0), 21 * Int64($0)) }
        #expect(Self.verdicts(samples, canAsk: false).allSatisfy { $0 == .carries })
    }

    @Test("a count that begins anew is no packet")
    func countedAnew() {
        let samples: [Sample] = [(5, 5, 0), (5, 5, 1), (5, 0, 2), (5, 0, 100)]
        #expect(Self.verdicts(samples).allSatisfy { $0 == .carries })
    }
}
