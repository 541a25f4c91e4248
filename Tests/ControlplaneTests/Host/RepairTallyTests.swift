import Testing

@testable import controlplane

@Suite("Repairs of late")
struct RepairTallyTests {
    @Test("Twenty a minute are accidents, one more is a fight, which ends when it does")
    func fight() {
        var tally = RepairTally()
        for second in 0..<20 { #expect(!tally.add(at: Int64(second) * 1_000)) }
        #expect(tally.add(at: 20_000))
        #expect(tally.isFight(at: 59_999))
        #expect(!tally.isFight(at: 60_000))
    }
}
