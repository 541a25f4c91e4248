/// A hash table of slots with chaining. What is hashed and compared is its owner's business.
struct HashChains {
    private let heads: Slab<UInt32>
    private let links: Slab<UInt32>
    private let mask: UInt32

    /// - Parameter capacity: slots 1...capacity may be entered.
    init(capacity: Int) {
        var buckets = 1
        while buckets < capacity { buckets *= 2 }
        heads = Slab(count: buckets)
        links = Slab(count: capacity + 1)
        mask = UInt32(buckets - 1)
    }

    /// The first slot with this hash's bucket, or 0.
    @_noAllocation @_noLocks
    func first(_ hash: UInt64) -> UInt32 { heads[UInt32(truncatingIfNeeded: hash) & mask] }

    /// The slot behind this one in its chain, or 0.
    @_noAllocation @_noLocks
    func next(_ slot: UInt32) -> UInt32 { links[slot] }

    @_noAllocation @_noLocks
    func enter(_ slot: UInt32, _ hash: UInt64) {
        let bucket = UInt32(truncatingIfNeeded: hash) & mask
        links[slot] = heads[bucket]
        heads[bucket] = slot
    }

    /// Takes out a slot that was entered with this hash.
    @_noAllocation @_noLocks
    func leave(_ slot: UInt32, _ hash: UInt64) {
        let bucket = UInt32(truncatingIfNeeded: hash) & mask
        if heads[bucket] == slot {
            heads[bucket] = links[slot]
            return
        }
        var before = heads[bucket]
        while before != 0 && links[before] != slot { before = links[before] }
        if before != 0 { links[before] = links[slot] }
    }
}

/// A multiply-and-fold mixer (as in wyhash); good enough with a secret seed.
enum Hash {
    @_noAllocation @_noLocks @inline(__always)
    static func mixed(_ state: UInt64, _ value: UInt64) -> UInt64 {
        let product = (state ^ value ^ 0x9e37_79b9_7f4a_7c15)
            .multipliedFullWidth(by: 0xd6e8_feb8_6659_fd93)
        return product.high ^ product.low
    }
}
