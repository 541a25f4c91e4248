import Testing

@testable import controlplane

@Suite struct AnswerWatchTests {
    private static func load(_ open: Int, _ opening: Int) -> NetworkActivity {
        NetworkActivity(open: open, opening: opening)
    }

    @Test func `connections that open for ten seconds without an answer are suspicious`() {
        var watch = AnswerWatch()
        watch.count(Self.load(1, 0), now: 0)
        #expect(watch.silentSeconds(now: 100_000) == nil)
        watch.count(Self.load(1, 1), now: 100_000)
        // More that wait, and one that has ended, are no answers.
        watch.count(Self.load(1, 3), now: 104_000)
        watch.count(Self.load(0, 3), now: 105_000)
        #expect(watch.silentSeconds(now: 109_999) == nil)
        #expect(watch.silentSeconds(now: 112_500) == 12)
    }

    @Test func `any answer ends it`() {
        var opened = AnswerWatch()
        opened.count(Self.load(0, 2), now: 0)
        var (refused, gone) = (opened, opened)
        opened.count(Self.load(1, 1), now: 9_000)
        #expect(opened.silentSeconds(now: 18_000) == nil)
        #expect(opened.silentSeconds(now: 19_000) == 10)
        refused.answered(now: 9_000)
        #expect(refused.silentSeconds(now: 18_000) == nil)
        gone.count(Self.load(0, 0), now: 9_000)
        gone.answered(now: 9_500)
        #expect(gone.silentSeconds(now: 99_000) == nil)
    }
}
