internal import Protocol

/// Every opening, found by its slot or, if it came from a SYN, by its two endpoints.
struct OpeningTable {
    let slots: Slab<Opening>
    private let heads: Slab<UInt32>
    private let mask: UInt32
    private let seed: UInt64
    private var firstFree: UInt32 = 0
    private var fresh: UInt32 = 1
    private(set) var used = 0

    /// - Parameters:
    ///   - capacity: openings at once.
    ///   - seed: random, so that nobody can aim at one hash chain.
    init(capacity: Int, seed: UInt64) {
        slots = Slab(count: capacity + 1)
        var buckets = 1
        while buckets < capacity { buckets *= 2 }
        heads = Slab(count: buckets)
        mask = UInt32(buckets - 1)
        self.seed = seed
    }

    var isFull: Bool {
        @_noAllocation @_noLocks get { firstFree == 0 && Int(fresh) == slots.count }
    }

    /// A slot with a new generation and everything else unset; 0 if there is none.
    @_noAllocation @_noLocks
    mutating func take() -> UInt32 {
        var slot = firstFree
        if slot != 0 {
            firstFree = slots[slot].next
        } else {
            guard Int(fresh) < slots.count else { return 0 }
            slot = fresh
            fresh += 1
        }
        let generation = slots[slot].generation &+ 1
        slots[slot] = Opening()
        slots[slot].generation = generation
        used += 1
        return slot
    }

    /// Gives the slot back; it must be in no list and no chain.
    @_noAllocation @_noLocks
    mutating func free(_ slot: UInt32) {
        slots[slot].phase = .free
        slots[slot].next = firstFree
        firstFree = slot
        used -= 1
    }

    /// The opening of this connection, or 0.
    @_noAllocation @_noLocks
    func find(_ source: Endpoint, _ target: Endpoint) -> UInt32 {
        var slot = heads[bucket(source, target)]
        while slot != 0 {
            if slots[slot].source == source && slots[slot].target == target { return slot }
            slot = slots[slot].chainNext
        }
        return 0
    }

    @_noAllocation @_noLocks
    func enter(_ slot: UInt32) {
        let bucket = bucket(slots[slot].source, slots[slot].target)
        slots[slot].chainNext = heads[bucket]
        heads[bucket] = slot
    }

    @_noAllocation @_noLocks
    func leave(_ slot: UInt32) {
        let bucket = bucket(slots[slot].source, slots[slot].target)
        if heads[bucket] == slot {
            heads[bucket] = slots[slot].chainNext
            return
        }
        var before = heads[bucket]
        while before != 0 {
            let next = slots[before].chainNext
            if next == slot {
                slots[before].chainNext = slots[slot].chainNext
                return
            }
            before = next
        }
    }

    @_noAllocation @_noLocks
    private func bucket(_ source: Endpoint, _ target: Endpoint) -> UInt32 {
        var hash = Hash.mixed(seed, source.address.high)
        hash = Hash.mixed(hash, source.address.low)
        hash = Hash.mixed(hash, target.address.high)
        hash = Hash.mixed(hash, target.address.low)
        hash = Hash.mixed(hash, UInt64(source.port) << 16 | UInt64(target.port))
        return UInt32(truncatingIfNeeded: hash) & mask
    }
}

/// A multiply-and-fold mixer (as in wyhash); good enough with a secret seed.
enum Hash {
    @_noAllocation @_noLocks @inline(__always)
    static func mixed(_ state: UInt64, _ value: UInt64) -> UInt64 {
        let product = (state ^ value ^ 0x9e37_79b9_7f4a_7c15).multipliedFullWidth(
            by: 0xd6e8_feb8_6659_fd93)
        return product.high ^ product.low
    }
}
