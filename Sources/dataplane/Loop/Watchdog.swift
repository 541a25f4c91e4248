internal import CLinux

/// Tells systemd that the loop turns, where it waits to hear that (sd_watchdog_enabled(3)).
struct Watchdog {
    /// Microseconds from one word to the next; 0: nobody waits.
    private let interval: UInt64
    private var due: UInt64 = 0

    /// Reads WATCHDOG_USEC; a third of it leaves room for two words that come late.
    init() {
        let limit = unsafe dp_environment(StaticString("WATCHDOG_USEC").cString)
            .flatMap { unsafe Options.number($0) }
        interval = UInt64(limit ?? 0) / 3
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
        _ = unsafe dp_notify(StaticString("WATCHDOG=1").cString)
    }
}
