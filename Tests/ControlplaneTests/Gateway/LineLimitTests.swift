import Testing

@testable import controlplane

@Suite("Lines a second")
struct LineLimitTests {
    @Test("So many pass, the rest is counted and told with the next that passes")
    func limit() {
        var limit = LineLimit(perSecond: 2)
        let passed = [1_000, 1_100, 1_200, 1_999, 2_000, 2_001, 5_000].map {
            limit.take(at: Int64($0))
        }
        #expect(passed.map(\.isAllowed) == [true, true, false, false, true, true, true])
        #expect(passed.map(\.leftOut) == [0, 0, 0, 0, 2, 0, 0])
    }
}
