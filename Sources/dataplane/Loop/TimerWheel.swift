/// One deadline per slot in a hashed timing wheel (Varghese and Lauck, scheme 6): arming, disarming
/// and expiring are O(1), and nothing is allocated.
///
/// A deadline further away than one turn stays in its bucket and is looked at again each turn.
struct TimerWheel {
    /// 16 ms: far below what a person or a TCP timer notices.
    static let tickMicroseconds: UInt64 = 16_384
    static let buckets: UInt32 = 1024

    /// The links of one slot; zero is "not armed".
    struct Entry {
        /// The tick at or after which the deadline has passed.
        var tick: UInt64 = 0
        var previous: UInt32 = 0
        var next: UInt32 = 0
        var isArmed = false
    }

    private let entries: Slab<Entry>
    private let heads: Slab<UInt32>
    private var now: UInt64
    private(set) var armed = 0

    /// - Parameter slots: how many slots can have a deadline, slot 0 (never used) included.
    init(slots: Int, now microseconds: UInt64) {
        entries = Slab(count: slots)
        heads = Slab(count: Int(Self.buckets))
        now = microseconds / Self.tickMicroseconds
    }

    /// Sets, or moves, the slot's deadline. One that has passed already expires at the next tick.
    @_noAllocation @_noLocks
    mutating func arm(_ slot: UInt32, at microseconds: UInt64) {
        if entries[slot].isArmed { disarm(slot) }
        let tick = max(microseconds / Self.tickMicroseconds + 1, now + 1)
        let bucket = UInt32(truncatingIfNeeded: tick % UInt64(Self.buckets))
        let head = heads[bucket]
        entries[slot] = Entry(tick: tick, previous: 0, next: head, isArmed: true)
        if head != 0 { entries[head].previous = slot }
        heads[bucket] = slot
        armed += 1
    }

    @_noAllocation @_noLocks
    mutating func disarm(_ slot: UInt32) {
        let entry = entries[slot]
        guard entry.isArmed else { return }
        if entry.previous != 0 {
            entries[entry.previous].next = entry.next
        } else {
            heads[UInt32(truncatingIfNeeded: entry.tick % UInt64(Self.buckets))] = entry.next
        }
        if entry.next != 0 { entries[entry.next].previous = entry.previous }
        entries[slot].isArmed = false
        armed -= 1
    }

    /// A slot whose deadline has passed, disarmed; 0 when there is none left. Call until it says 0.
    @_noAllocation @_noLocks
    mutating func expired(at microseconds: UInt64) -> UInt32 {
        let target = microseconds / Self.tickMicroseconds
        if armed == 0 {
            now = max(now, target)
            return 0
        }
        while now <= target {
            var slot = heads[UInt32(truncatingIfNeeded: now % UInt64(Self.buckets))]
            while slot != 0 {
                if entries[slot].tick <= now {
                    disarm(slot)
                    return slot
                }
                slot = entries[slot].next
            }
            if now == target { return 0 }
            now += 1
        }
        return 0
    }
}
