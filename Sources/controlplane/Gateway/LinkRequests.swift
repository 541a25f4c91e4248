internal import Protocol

/// Requests to the dataplane and who waits for their answers.
struct LinkRequests {
    enum Waiter {
        /// Takes every message that answers.
        case collector(AsyncStream<Message>.Continuation)
        /// One network's part of a tunnel's drain request.
        case drain(TunnelSettings, token: UInt64)
    }

    private var waiters: [UInt32: Waiter] = [:]
    private var last: UInt32 = 0

    /// A fresh request id, whose answers go to `waiter`.
    mutating func add(_ waiter: Waiter) -> UInt32 {
        repeat { last = last == .max ? 1 : last + 1 } while waiters[last] != nil
        waiters[last] = waiter
        return last
    }

    /// Who waits for this answer; nobody, if it came too late. After anything but a listed
    /// connection, which others follow, nobody waits any more.
    mutating func waiter(of request: UInt32, for answer: Message) -> Waiter? {
        guard let waiter = waiters[request] else { return nil }
        if case .connection = answer { return waiter }
        waiters[request] = nil
        return waiter
    }

    /// The link is gone: nothing will be answered any more.
    mutating func removeAll() {
        for case .collector(let continuation) in waiters.values { continuation.finish() }
        waiters = [:]
    }
}

/// The answers to one drain request, added up over the tunnel's networks.
struct Drain {
    let token: UInt64
    var left: Int
    var open = 0
}
