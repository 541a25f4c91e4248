/// A slot's neighbours in the queue that it is in.
struct SlotLink {
    var previous: UInt32 = 0
    var next: UInt32 = 0
}

/// A doubly linked list of a table's slots, first in first out. The links belong to the table, so a
/// slot is in one queue at most.
struct SlotQueue {
    private(set) var first: UInt32 = 0
    private(set) var last: UInt32 = 0
    private(set) var count: UInt32 = 0

    @_noAllocation @_noLocks
    mutating func append(_ slot: UInt32, in links: Slab<SlotLink>) {
        links[slot] = SlotLink(previous: last, next: 0)
        if last != 0 { links[last].next = slot } else { first = slot }
        last = slot
        count += 1
    }

    @_noAllocation @_noLocks
    mutating func remove(_ slot: UInt32, in links: Slab<SlotLink>) {
        precondition(count > 0)
        let link = links[slot]
        if link.previous != 0 { links[link.previous].next = link.next } else { first = link.next }
        if link.next != 0 {
            links[link.next].previous = link.previous
        } else {
            last = link.previous
        }
        links[slot] = SlotLink()
        count -= 1
    }
}
