internal import CLinux

/// Tells systemd that the loops of all workers turn, where it waits to hear that
/// (sd_watchdog_enabled(3)). The first worker tells it, for those that it has seen turn.
struct Watchdog {
    /// Microseconds from one word to the next; 0: nobody waits.
    private let interval: UInt64
    private var due: UInt64 = 0
    private let crew: Crew
    private let worker: UInt32

    /// Reads WATCHDOG_USEC; a third of it leaves room for words that come late.
    init(_ crew: Crew, of worker: UInt32) {
        let limit = unsafe dp_environment(StaticString("WATCHDOG_USEC").cString)
            .flatMap { unsafe Options.number($0) }
        interval = UInt64(limit ?? 0) / 3
        self.crew = crew
        self.worker = worker
    }

    /// A wait that the loop may make: -1 is for ever.
    @_noAllocation @_noLocks
    func bounded(_ milliseconds: Int32) -> Int32 {
        guard interval > 0 else { return milliseconds }
        let most = Int32(clamping: interval / 1_000)
        return milliseconds < 0 ? most : min(milliseconds, most)
    }

    @_noAllocation @_noLocks
    mutating func turned(at now: UInt64) {
        guard interval > 0, now >= due else { return }
        due = now + interval
        // A word that is written whole; one that is read too early is as good as an older one.
        crew.beats[worker] = now
        guard worker == 0, areAllAlive(at: now) else { return }
        _ = unsafe dp_notify(StaticString("WATCHDOG=1").cString)
    }

    @_noAllocation @_noLocks
    private func areAllAlive(at now: UInt64) -> Bool {
        var other: UInt32 = 0
        while Int(other) < crew.count {
            if now > crew.beats[other] + 2 * interval { return false }
            other += 1
        }
        return true
    }
}
