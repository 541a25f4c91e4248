import Protocol
import Testing

@testable import controlplane

/// What several workers of one dataplane say, taken together.
@Suite("Workers") struct WorkerTests {
    private final class Answers {
        var requests = LinkRequests()
        private let stream: AsyncStream<Message>
        let continuation: AsyncStream<Message>.Continuation

        init() { (stream, continuation) = AsyncStream<Message>.makeStream() }

        /// Asks three workers.
        func ask() -> UInt32 { requests.add(.collector(continuation), of: [0, 1, 2]) }

        func answer(_ id: UInt32, _ message: Message, _ worker: Int) -> Message? {
            requests.answered(id, message, by: worker)?.1
        }

        /// What came before the end; waits for ever if there is none.
        func all() async -> [Message] {
            var all: [Message] = []
            for await message in stream { all.append(message) }
            return all
        }
    }

    private static func reply(_ status: Reply.Status, _ value: UInt64) -> Message {
        .reply(Reply(status: status, value: value))
    }

    @Test("Replies add up once the last has come, and a failure stays one")
    func replies() {
        let answers = Answers()
        let (one, other) = (answers.ask(), answers.ask())
        #expect(answers.answer(one, Self.reply(.ok, 3), 2) == nil)
        #expect(answers.answer(other, Self.reply(.ok, 1), 2) == nil)
        #expect(answers.answer(one, Self.reply(.ok, 4), 0) == nil)
        #expect(answers.answer(other, Self.reply(.noSuchNetwork, 0), 0) == nil)
        #expect(answers.answer(one, Self.reply(.ok, 5), 1) == Self.reply(.ok, 12))
        #expect(answers.answer(other, Self.reply(.ok, 1), 1) == Self.reply(.noSuchNetwork, 2))
        // Too late, twice, or unknown.
        #expect(answers.answer(one, Self.reply(.ok, 5), 1) == nil)
        #expect(answers.answer(99, Self.reply(.ok, 5), 1) == nil)
    }

    @Test("A worker that answers twice is counted once")
    func twice() {
        let answers = Answers()
        let id = answers.ask()
        for _ in 0..<3 { #expect(answers.answer(id, Self.reply(.ok, 7), 0) == nil) }
        #expect(answers.answer(id, Self.reply(.ok, 1), 1) == nil)
        #expect(answers.answer(id, Self.reply(.ok, 1), 2) == Self.reply(.ok, 9))
    }

    @Test("Statistics add up")
    func statistics() {
        let answers = Answers()
        let id = answers.ask()
        var sum = Statistics()
        for worker in 0..<3 {
            var one = Statistics()
            for counter in Counter.allCases {
                one[counter] = UInt64(counter.rawValue * 10 + worker)
                sum.add(one[counter], to: counter)
            }
            let answer = answers.answer(id, .statistics(one), worker)
            #expect(answer == (worker == 2 ? .statistics(sum) : nil))
        }
    }

    @Test("Listed connections come as they come, the end after the last worker's")
    func lists() {
        func record(_ id: UInt64) -> Message {
            let end = Endpoint(family: .ipv4, address: Address(ipv4: 1), port: 1)
            return .connection(
                ConnectionRecord(
                    id: id, network: 1, phase: .listed, result: .ok, source: end, target: end,
                    connectMicros: 0, ageMillis: 0, bytesIn: 0, bytesOut: 0))
        }
        let answers = Answers()
        let id = answers.ask()
        let end = Message.listEnd(ListEnd(nextCursor: 0))
        #expect(answers.answer(id, record(1), 0) == record(1))
        #expect(answers.answer(id, record(2), 1) == record(2))
        #expect(answers.answer(id, end, 1) == nil)
        #expect(answers.answer(id, record(3), 0) == record(3))
        #expect(answers.answer(id, end, 0) == nil)
        #expect(answers.answer(id, end, 2) == end)
    }

    @Test("Without a worker's part the others' answers say nothing")
    func losses() async {
        let answers = Answers()
        let id = answers.ask()
        let waiting = answers.requests.add(.collector(answers.continuation), of: [0])
        #expect(answers.answer(id, Self.reply(.ok, 0), 1) == nil)
        answers.requests.lost(1)
        #expect(answers.answer(waiting, Self.reply(.ok, 1), 0) == Self.reply(.ok, 1))
        answers.requests.lost(2)
        #expect(await answers.all() == [])
        #expect(answers.answer(id, Self.reply(.ok, 0), 0) == nil)
    }

    @Test("A network's figures are the sum of what each worker said last")
    func activity() {
        var activity = WorkerActivity()
        #expect(activity[7] == NetworkActivity())
        activity.set(7, NetworkActivity(open: 1, opening: 2, parked: 3), by: 0)
        activity.set(7, NetworkActivity(open: 0, opening: 1, parked: 1), by: 2)
        activity.set(8, NetworkActivity(open: 0, opening: 5, parked: 5), by: 1)
        #expect(activity[7] == NetworkActivity(open: 1, opening: 3, parked: 4))
        #expect(activity.isAnyOpen)
        activity.set(7, NetworkActivity(), by: 0)
        #expect(activity[7] == NetworkActivity(open: 0, opening: 1, parked: 1))
        #expect(!activity.isAnyOpen)
        activity.forget(2)
        #expect(activity[7] == NetworkActivity())
        #expect(activity[8] == NetworkActivity(open: 0, opening: 5, parked: 5))
    }
}
