import Testing

@testable import dataplane

@Suite struct BusyPollTests {
    @Test func `only a turn that moved messages and no bulk is followed by asking`() {
        var poll = BusyPoll()
        #expect(poll.isDue() == false)
        poll.moved(isBulk: false)
        #expect(poll.isDue() == true)
        // It counts for one turn.
        #expect(poll.isDue() == false)
        poll.moved(isBulk: true)
        #expect(poll.isDue() == false)
        poll.moved(isBulk: false)
        poll.moved(isBulk: true)
        #expect(poll.isDue() == false)
    }

    @Test func `misses make the tries rarer, up to a bound, and a hit makes them frequent again`() {
        var poll = BusyPoll()
        var rests: [Int] = []
        for _ in 0..<12 {
            var rest = 0
            while true {
                poll.moved(isBulk: false)
                if poll.isDue() { break }
                rest += 1
            }
            rests.append(rest)
            poll.asked(found: false)
        }
        #expect(rests == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 256, 256])
        var rest = 0
        repeat {
            poll.moved(isBulk: false)
            rest += 1
        } while !poll.isDue()
        poll.asked(found: true)
        poll.moved(isBulk: false)
        #expect(poll.isDue() == true)
    }

    @Test func `turns without messages shorten no rest`() {
        var poll = BusyPoll()
        poll.moved(isBulk: false)
        #expect(poll.isDue() == true)
        poll.asked(found: false)
        for _ in 0..<10 { #expect(poll.isDue() == false) }
        poll.moved(isBulk: false)
        #expect(poll.isDue() == false)
        poll.moved(isBulk: false)
        #expect(poll.isDue() == true)
    }
}
