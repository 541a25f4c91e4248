import Protocol
import Testing

/// Counters by name and place.
@Suite struct StatisticsTests {
    @Test func namesAreThoseOfTheCases() {
        for counter in Counter.allCases {
            #expect(counter.name == "\(counter)")
        }
    }

    @Test func placesAreTheContract() {
        #expect(Counter.allCases.map(\.rawValue) == [Int](0..<37))
        #expect(Counter.accepted.rawValue == 0)
        #expect(Counter.openNow.rawValue == 14)
        #expect(Counter.recordsDropped.rawValue == 26)
        #expect(Counter.packetsFiltered.rawValue == 31)
        #expect(Counter.handedOn.rawValue == 32)
        #expect(Counter.adoptedPipesNow.rawValue == 36)
    }

    @Test func countsAndAddsUp() {
        var one = Statistics()
        one.add(2, to: .accepted)
        one.add(3, to: .accepted)
        one[.recordsDropped] = .max
        var other = Statistics()
        other[.accepted] = 10
        other[.recordsDropped] = 2
        one.add(other)
        #expect(one[.accepted] == 15)
        #expect(one[.recordsDropped] == 1)
        #expect(one[.bytesIn] == 0)
        #expect(one != other)
    }

    /// A peer of another minor version counts fewer things, or more.
    @Test func otherNumbersOfCounters() {
        let fewer = bigEndian(UInt16(2)) + bigEndian(UInt64(5)) + bigEndian(UInt64(6))
        guard case .message(.statistics(let short)) = decode(.statistics, fewer) else {
            Issue.record("two counters")
            return
        }
        #expect(short[.accepted] == 5)
        #expect(short[.paired] == 6)
        #expect(short[.strays] == 0)
        let values = (0..<40).flatMap { bigEndian(UInt64($0)) }
        guard case .message(.statistics(let long)) = decode(.statistics, [0, 40] + values) else {
            Issue.record("forty counters")
            return
        }
        #expect(long[.recordsDropped] == 26)
        #expect(decode(.statistics, [0, 0]) == .message(.statistics(Statistics())))
    }
}
