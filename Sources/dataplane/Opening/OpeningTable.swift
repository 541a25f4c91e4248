internal import Protocol

/// Every opening, found by its slot or, if it came from a SYN, by its two endpoints.
struct OpeningTable {
    let slots: Slab<Opening>
    /// Of its network's parked ones, its source's queue, or its source's released ones.
    let links: Slab<SlotLink>
    private var list: SlotList
    private let chains: HashChains
    private let seed: UInt64

    /// - Parameters:
    ///   - capacity: openings at once.
    ///   - seed: random, so that nobody can aim at one hash chain.
    init(capacity: Int, seed: UInt64) {
        slots = Slab(count: capacity + 1)
        links = Slab(count: capacity + 1)
        list = SlotList(capacity: capacity)
        chains = HashChains(capacity: capacity)
        self.seed = seed
    }

    var used: Int {
        @_noAllocation @_noLocks get { list.used }
    }

    /// The lowest slot that was never used.
    var fresh: UInt32 {
        @_noAllocation @_noLocks get { list.fresh }
    }

    var isFull: Bool {
        @_noAllocation @_noLocks get { list.isFull }
    }

    /// A slot with a new generation and everything else unset; 0 if there is none.
    @_noAllocation @_noLocks
    mutating func take() -> UInt32 {
        let slot = list.take()
        guard slot != 0 else { return 0 }
        let generation = slots[slot].generation &+ 1
        slots[slot] = Opening()
        slots[slot].generation = generation
        return slot
    }

    /// Gives the slot back; it must be in no list and no chain.
    @_noAllocation @_noLocks
    mutating func free(_ slot: UInt32) {
        slots[slot].phase = .free
        list.free(slot)
    }

    /// The opening of this connection, or 0.
    @_noAllocation @_noLocks
    func find(_ source: Endpoint, _ target: Endpoint) -> UInt32 {
        var slot = chains.first(hash(source, target))
        while slot != 0 {
            if slots[slot].source == source && slots[slot].target == target { return slot }
            slot = chains.next(slot)
        }
        return 0
    }

    @_noAllocation @_noLocks
    func enter(_ slot: UInt32) { chains.enter(slot, hash(slots[slot].source, slots[slot].target)) }

    @_noAllocation @_noLocks
    func leave(_ slot: UInt32) { chains.leave(slot, hash(slots[slot].source, slots[slot].target)) }

    @_noAllocation @_noLocks
    private func hash(_ source: Endpoint, _ target: Endpoint) -> UInt64 {
        var hash = Hash.mixed(seed, source.address.high)
        hash = Hash.mixed(hash, source.address.low)
        hash = Hash.mixed(hash, target.address.high)
        hash = Hash.mixed(hash, target.address.low)
        return Hash.mixed(hash, UInt64(source.port) << 16 | UInt64(target.port))
    }
}
