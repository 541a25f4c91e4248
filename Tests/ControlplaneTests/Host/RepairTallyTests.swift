import Testing

@testable import controlplane

@Suite("Repairs of late")
struct RepairTallyTests {
    @Test("Twenty a minute are accidents, one more is a fight, which ends when it does")
    func fight() {
        var tally = RepairTally()
        var seen: [Bool] = []
        for second in 0...20 { seen.append(tally.add(at: Int64(second) * 1_000)) }
        #expect(seen.dropLast().allSatisfy { !$0 })
        #expect(seen.last == true)
        let (last, after) = (tally.isFight(at: 59_999), tally.isFight(at: 60_000))
        #expect(last && !after)
    }
}
