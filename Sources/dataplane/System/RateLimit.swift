/// A token bucket: at most `perSecond` in a second, and as many at once.
struct RateLimit {
    let perSecond: UInt64
    private var tokens: UInt64
    private var filledAt: UInt64

    @_noAllocation @_noLocks
    init(perSecond: UInt64, now microseconds: UInt64) {
        self.perSecond = perSecond
        tokens = perSecond
        filledAt = microseconds
    }

    /// True if one more may pass now.
    @_noAllocation @_noLocks
    mutating func allows(at microseconds: UInt64) -> Bool {
        let earned = (microseconds - filledAt) * perSecond / 1_000_000
        if earned > 0 {
            tokens = min(perSecond, tokens + earned)
            filledAt = microseconds
        }
        guard tokens > 0 else { return false }
        tokens -= 1
        return true
    }
}
