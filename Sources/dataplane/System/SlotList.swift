/// Which slots of a table are in use: slots 1...capacity, handed out and taken back in O(1).
struct SlotList {
    private let links: Slab<UInt32>
    private var firstFree: UInt32 = 0
    /// The lowest slot that was never used: what lies beyond it is untouched memory.
    private(set) var fresh: UInt32 = 1
    private(set) var used = 0

    init(capacity: Int) {
        links = Slab(count: capacity + 1)
    }

    var isFull: Bool {
        @_noAllocation @_noLocks get { firstFree == 0 && Int(fresh) == links.count }
    }

    /// A slot that nobody uses, or 0.
    @_noAllocation @_noLocks
    mutating func take() -> UInt32 {
        var slot = firstFree
        if slot != 0 {
            firstFree = links[slot]
        } else {
            guard Int(fresh) < links.count else { return 0 }
            slot = fresh
            fresh += 1
        }
        used += 1
        return slot
    }

    @_noAllocation @_noLocks
    mutating func free(_ slot: UInt32) {
        precondition(used > 0 && slot > 0 && slot < fresh)
        links[slot] = firstFree
        firstFree = slot
        used -= 1
    }
}
