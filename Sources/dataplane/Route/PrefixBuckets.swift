/// The span of one family's prefixes, cut into buckets of equal size: where in the sorted array the
/// prefixes of each bucket stand.
struct PrefixBuckets {
    /// More do not fit the processor's cache any better.
    static let most: UInt32 = 65_536

    /// For each bucket the last entry before it.
    private let bounds: Slab<UInt32>
    private var base: UInt64 = 0
    private var shift: UInt64 = 0
    private var count: UInt32 = 0
    /// The next bucket that has no bound yet.
    private var next: UInt32 = 0

    init() {
        bounds = Slab(count: Int(Self.most) + 1)
    }

    var isFilled: Bool {
        @_noAllocation @_noLocks get { count > 0 }
    }

    @_noAllocation @_noLocks
    mutating func removeAll() {
        count = 0
        bounds.vacate()
    }

    /// Begins for `entries` prefixes whose first and last starts are given.
    @_noAllocation @_noLocks
    mutating func start(count entries: UInt32, from low: UInt64, to high: UInt64) {
        count = 1
        while count < entries && count < Self.most { count *= 2 }
        base = low
        shift = 0
        while (high - low) >> shift >= UInt64(count) { shift += 1 }
        next = 0
    }

    /// The next entry in order.
    @_noAllocation @_noLocks
    mutating func append(_ entry: UInt32, startingAt start: UInt64) {
        let own = UInt32(truncatingIfNeeded: (start - base) >> shift)
        close(own, before: entry - 1)
    }

    @_noAllocation @_noLocks
    mutating func end(_ last: UInt32) { close(count, before: last) }

    @_noAllocation @_noLocks
    private mutating func close(_ bucket: UInt32, before entry: UInt32) {
        while next <= bucket {
            bounds[next] = entry
            next += 1
        }
    }

    /// The bucket in which a prefix would start here; nil if all start behind it.
    @_noAllocation @_noLocks
    func index(of start: UInt64) -> UInt32? {
        guard start >= base else { return nil }
        return UInt32(truncatingIfNeeded: min((start - base) >> shift, UInt64(count - 1)))
    }

    /// The last entry that starts before the bucket.
    @_noAllocation @_noLocks
    func before(_ bucket: UInt32) -> UInt32 { bounds[bucket] }
}
