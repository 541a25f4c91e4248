/// Whether the loop asks for events for a moment before it sleeps.
///
/// Between a message and its answer lies less time than sleeping and waking up take. Where
/// connections only exchange messages, asking on for that long costs what the sleep would have
/// cost, and the answer goes on at once. Bulk is never waited for like that: its next bytes find
/// the loop at work anyway. Peers that think longer than that stop it: each miss doubles the
/// number of turns that sleep at once.
struct BusyPoll {
    /// How long to ask: what a sleep and a wake-up cost on a slow machine.
    static var microseconds: UInt32 { @_noAllocation @_noLocks get { 50 } }
    /// Turns without asking after many misses: then at most 50 µs in so many turns are wasted.
    private static var restMax: UInt32 { @_noAllocation @_noLocks get { 256 } }

    private var hasMessages = false
    private var hasBulk = false
    /// Turns until the next try, and what their number is after the next miss.
    private var rest: UInt32 = 0
    private var penalty: UInt32 = 1

    /// This turn moved bytes of a connection: a message of an exchange, or bulk.
    @_noAllocation @_noLocks
    mutating func moved(isBulk: Bool) {
        if isBulk { hasBulk = true } else { hasMessages = true }
    }

    /// The turn is over; whether to ask before the next one sleeps.
    @_noAllocation @_noLocks
    mutating func isDue() -> Bool {
        let isCandidate = hasMessages && !hasBulk
        hasMessages = false
        hasBulk = false
        guard isCandidate else { return false }
        guard rest > 0 else { return true }
        rest -= 1
        return false
    }

    /// What came of asking.
    @_noAllocation @_noLocks
    mutating func asked(found: Bool) {
        guard !found else { return penalty = 1 }
        rest = penalty
        penalty = min(penalty * 2, Self.restMax)
    }
}
