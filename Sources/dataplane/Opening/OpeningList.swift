/// A doubly linked list of openings, first in first out. An opening is in one list at most.
struct OpeningList {
    private(set) var first: UInt32 = 0
    private(set) var last: UInt32 = 0
    private(set) var count: UInt32 = 0

    @_noAllocation @_noLocks
    mutating func append(_ slot: UInt32, in openings: Slab<Opening>) {
        openings[slot].previous = last
        openings[slot].next = 0
        if last != 0 { openings[last].next = slot } else { first = slot }
        last = slot
        count += 1
    }

    @_noAllocation @_noLocks
    mutating func remove(_ slot: UInt32, in openings: Slab<Opening>) {
        precondition(count > 0)
        let before = openings[slot].previous
        let after = openings[slot].next
        if before != 0 { openings[before].next = after } else { first = after }
        if after != 0 { openings[after].previous = before } else { last = before }
        openings[slot].previous = 0
        openings[slot].next = 0
        count -= 1
    }
}
