internal import Protocol

/// Requests to the dataplane's workers and who waits for their answers. Pure.
struct LinkRequests {
    enum Waiter {
        /// Takes every message that answers.
        case collector(AsyncStream<Message>.Continuation)
        /// One network's part of a tunnel's drain request.
        case drain(TunnelSettings, token: UInt64)
    }

    private struct Request {
        let waiter: Waiter
        /// Those that have not answered yet, and the sum of the answers of the others.
        var workers: Set<Int>
        var answer: Message?
    }

    private var waiting: [UInt32: Request] = [:]
    private var last: UInt32 = 0

    /// A fresh request id; the answers of these workers, taken together, go to `waiter`.
    mutating func add(_ waiter: Waiter, of workers: Set<Int>) -> UInt32 {
        repeat { last = last == .max ? 1 : last + 1 } while waiting[last] != nil
        waiting[last] = Request(waiter: waiter, workers: workers)
        return last
    }

    /// Who waits for this answer, and what they get: a listed connection, which others follow, or
    /// the answer of all workers once the last has come, after which nobody waits any more. Nil for
    /// any other answer, and for one that comes too late.
    mutating func answered(
        _ id: UInt32, _ answer: Message, by worker: Int
    ) -> (Waiter, Message)? {
        guard var request = waiting[id], request.workers.contains(worker) else { return nil }
        if case .connection = answer { return (request.waiter, answer) }
        let sum = request.answer.map { Self.sum($0, answer) } ?? answer
        request.workers.remove(worker)
        request.answer = sum
        waiting[id] = request.workers.isEmpty ? nil : request
        return request.workers.isEmpty ? (request.waiter, sum) : nil
    }

    /// The worker's link is gone: what it was asked will not be answered any more, and without its
    /// part the others' answers say nothing.
    mutating func lost(_ worker: Int) {
        for (id, request) in waiting where request.workers.contains(worker) {
            if case .collector(let continuation) = request.waiter { continuation.finish() }
            waiting[id] = nil
        }
    }

    /// Two workers' answers to one request: figures add up, and a failure stays one.
    static func sum(_ one: Message, _ other: Message) -> Message {
        switch (one, other) {
        case (.statistics(var sum), .statistics(let more)):
            sum.add(more)
            return .statistics(sum)
        case (.reply(let one), .reply(let other)):
            let status = one.status == .ok ? other.status : one.status
            return .reply(Reply(status: status, value: one.value + other.value))
        default:
            return other
        }
    }
}

/// The answers to one drain request, added up over the tunnel's networks.
struct Drain {
    let token: UInt64
    var left: Int
    var open = 0
}
