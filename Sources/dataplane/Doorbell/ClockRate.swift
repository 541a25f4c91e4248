/// How fast a client's TCP timestamp clock runs, learnt from two SYNs of one connection (RFC 7323,
/// section 5.4: between 1 ms and 1 s a tick; Linux also has microseconds).
///
/// A SYN that was held looks to the client like a slow network: it takes the held time for its
/// round-trip time. Its TSval is therefore moved forward by the held time in the client's own
/// ticks. Too far would be an echo from the client's future, which it refuses (PAWS), so an unknown
/// rate moves nothing.
struct ClockRate: Equatable {
    /// Ticks a second.
    let hertz: UInt64

    /// Two SYNs closer together than this tell too little.
    static let spanMicrosecondsMin: UInt64 = 200_000

    /// The usual rate that lies within 3 % of what two timestamps `span` microseconds apart say.
    @_noAllocation @_noLocks
    init?(ticks: UInt32, span: UInt64) {
        guard span >= Self.spanMicrosecondsMin, ticks > 0 else { return nil }
        let measured = UInt64(ticks) * 1_000_000 / span
        guard let usual = Self.usual(near: measured) else { return nil }
        hertz = usual
    }

    /// A rate that was learnt before; nil for 0, which stands for "unknown".
    @_noAllocation @_noLocks
    init?(hertz: UInt64) {
        guard hertz > 0 else { return nil }
        self.hertz = hertz
    }

    /// The ticks that pass in `microseconds`, less two milliseconds so that the echo never comes
    /// from the future.
    @_noAllocation @_noLocks
    func ticks(in microseconds: UInt64) -> UInt32 {
        guard microseconds > 2_000 else { return 0 }
        return UInt32(truncatingIfNeeded: (microseconds - 2_000) * hertz / 1_000_000)
    }

    @_noAllocation @_noLocks
    private static func usual(near measured: UInt64) -> UInt64? {
        if isNear(measured, 1_000) { return 1_000 }
        if isNear(measured, 1_000_000) { return 1_000_000 }
        if isNear(measured, 100) { return 100 }
        if isNear(measured, 250) { return 250 }
        if isNear(measured, 300) { return 300 }
        if isNear(measured, 500) { return 500 }
        if isNear(measured, 10_000) { return 10_000 }
        return nil
    }

    @_noAllocation @_noLocks
    private static func isNear(_ measured: UInt64, _ usual: UInt64) -> Bool {
        measured * 100 >= usual * 97 && measured * 100 <= usual * 103
    }
}
