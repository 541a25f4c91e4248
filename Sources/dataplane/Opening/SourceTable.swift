internal import Protocol

/// A host with openings or held packets: openings wait in its queue for their turn, so that a host
/// with thousands of them delays nobody else's.
struct Source {
    var address = Address(high: 0, low: 0)
    var family = Family.ipv4
    /// Openings of any phase.
    var openings: UInt32 = 0
    /// Packets held.
    var packets: UInt32 = 0
    /// Those that take a turn now.
    var engaged: UInt32 = 0
    var queue = SlotQueue()
    /// Those whose SYN was written back and whose connection has not been accepted yet.
    var released = SlotQueue()
    /// Links of the ring of sources with waiting openings.
    var isInRing = false
    var ringNext: UInt32 = 0
}

/// Every host that has openings or held packets, and the ring in which they take turns.
struct SourceTable {
    let slots: Slab<Source>
    private var list: SlotList
    private let chains: HashChains
    private let seed: UInt64
    private var ringFirst: UInt32 = 0
    private var ringLast: UInt32 = 0
    private(set) var ringCount = 0

    /// - Parameter capacity: as many as there can be openings and held packets.
    init(capacity: Int, seed: UInt64) {
        slots = Slab(count: capacity + 1)
        list = SlotList(capacity: capacity)
        chains = HashChains(capacity: capacity)
        self.seed = seed
    }

    /// The source's slot, or 0 if it has neither openings nor packets.
    @_noAllocation @_noLocks
    func find(_ family: Family, _ address: Address) -> UInt32 {
        var slot = chains.first(hash(address))
        while slot != 0 {
            if slots[slot].address == address && slots[slot].family == family { return slot }
            slot = chains.next(slot)
        }
        return 0
    }

    /// The source's slot, taken anew if need be, with one more opening counted.
    @_noAllocation @_noLocks
    mutating func enter(_ family: Family, _ address: Address) -> UInt32 {
        let slot = take(family, address)
        slots[slot].openings += 1
        return slot
    }

    /// One opening less; the last one frees the slot unless packets are held.
    @_noAllocation @_noLocks
    mutating func leave(_ slot: UInt32) {
        slots[slot].openings -= 1
        if slots[slot].openings == 0 && slots[slot].isInRing { removeFromRing(slot) }
        freeIfUnused(slot)
    }

    /// The source's slot, taken anew if need be, with one more held packet counted.
    @_noAllocation @_noLocks
    mutating func hold(_ family: Family, _ address: Address) -> UInt32 {
        let slot = take(family, address)
        slots[slot].packets += 1
        return slot
    }

    /// One held packet less; the last one frees the slot unless it has openings.
    @_noAllocation @_noLocks
    mutating func letGo(_ slot: UInt32) {
        slots[slot].packets -= 1
        freeIfUnused(slot)
    }

    @_noAllocation @_noLocks
    private mutating func take(_ family: Family, _ address: Address) -> UInt32 {
        let known = find(family, address)
        guard known == 0 else { return known }
        let slot = list.take()
        precondition(slot != 0, "more sources than openings and packets")
        slots[slot] = Source()
        slots[slot].family = family
        slots[slot].address = address
        chains.enter(slot, hash(address))
        return slot
    }

    @_noAllocation @_noLocks
    private mutating func freeIfUnused(_ slot: UInt32) {
        guard slots[slot].openings == 0, slots[slot].packets == 0 else { return }
        chains.leave(slot, hash(slots[slot].address))
        list.free(slot)
    }

    @_noAllocation @_noLocks
    mutating func enterRing(_ slot: UInt32) {
        guard !slots[slot].isInRing else { return }
        slots[slot].isInRing = true
        slots[slot].ringNext = 0
        if ringLast != 0 { slots[ringLast].ringNext = slot } else { ringFirst = slot }
        ringLast = slot
        ringCount += 1
    }

    /// The source whose turn it is, out of the ring; 0 if nobody waits.
    @_noAllocation @_noLocks
    mutating func takeTurn() -> UInt32 {
        let slot = ringFirst
        if slot != 0 { removeFromRing(slot) }
        return slot
    }

    /// O(sources that wait) unless it is the first.
    @_noAllocation @_noLocks
    private mutating func removeFromRing(_ slot: UInt32) {
        var before: UInt32 = 0
        var walk = ringFirst
        while walk != 0 && walk != slot {
            before = walk
            walk = slots[walk].ringNext
        }
        guard walk == slot else { return }
        let after = slots[slot].ringNext
        if before != 0 { slots[before].ringNext = after } else { ringFirst = after }
        if ringLast == slot { ringLast = before }
        slots[slot].isInRing = false
        slots[slot].ringNext = 0
        ringCount -= 1
    }

    @_noAllocation @_noLocks
    private func hash(_ address: Address) -> UInt64 {
        Hash.mixed(Hash.mixed(seed, address.high), address.low)
    }
}
