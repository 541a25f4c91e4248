internal import Protocol

/// A connection that is relayed, or will be once its far side is open: a client's leg, a far leg,
/// and a direction each way.
struct Connection {
    var isUsed = false
    /// The opening that it comes of; 0 once its bytes are relayed. It has its slot from the time
    /// that the far side's descriptor is made, so that epoll(7) knows that by one name for ever.
    var opening: UInt32 = 0
    var generation: UInt32 = 0
    var client: Int32 = -1
    var upstream: Int32 = -1
    var out = Direction()
    var back = Direction()

    var source = Endpoint(family: .ipv4, address: Address(high: 0, low: 0), port: 0)
    var target = Endpoint(family: .ipv4, address: Address(high: 0, low: 0), port: 0)
    var network: UInt32 = 0
    var endpoint: UInt32 = 0
    var openedAt: UInt64 = 0
    var connectMicroseconds: UInt32 = 0

    /// Where the last message came from.
    var wasFromClient = false
    /// In the queue of those that are too young for keepalives.
    var isYoung = false
    /// In the list of those whose step budget ran out before their work did.
    var isReady = false
    var next: UInt32 = 0

    /// What the controlplane and `kill` call it: unique for this process's life.
    @_noAllocation @_noLocks
    func id(_ slot: UInt32, worker: UInt32) -> UInt64 {
        UInt64(generation) << 32 | UInt64(worker) << Limits.workerShift | UInt64(slot)
    }
}

/// Every relayed connection.
struct ConnectionTable {
    let slots: Slab<Connection>
    /// Those whose legs have no keepalive yet, oldest first.
    private(set) var young = SlotQueue()
    private let links: Slab<SlotLink>
    private var list: SlotList
    private var readyFirst: UInt32 = 0
    private var readyLast: UInt32 = 0

    init(capacity: Int) {
        slots = Slab(count: capacity + 1)
        links = Slab(count: capacity + 1)
        list = SlotList(capacity: capacity)
    }

    var used: Int {
        @_noAllocation @_noLocks get { list.used }
    }

    /// The lowest slot that was never used.
    var fresh: UInt32 {
        @_noAllocation @_noLocks get { list.fresh }
    }

    /// A slot with a new generation and nothing else set; 0 if there is none.
    @_noAllocation @_noLocks
    mutating func take() -> UInt32 {
        let slot = list.take()
        guard slot != 0 else { return 0 }
        let generation = slots[slot].generation &+ 1
        slots[slot] = Connection()
        slots[slot].isUsed = true
        slots[slot].generation = generation
        return slot
    }

    /// A slot in the ready list stays there, and is given back when the list comes to it.
    @_noAllocation @_noLocks
    mutating func free(_ slot: UInt32) {
        slots[slot].isUsed = false
        if slots[slot].isYoung { season(slot) }
        if !slots[slot].isReady { list.free(slot) }
    }

    @_noAllocation @_noLocks
    mutating func markYoung(_ slot: UInt32) {
        slots[slot].isYoung = true
        young.append(slot, in: links)
    }

    /// It is young no longer.
    @_noAllocation @_noLocks
    mutating func season(_ slot: UInt32) {
        slots[slot].isYoung = false
        young.remove(slot, in: links)
    }

    @_noAllocation @_noLocks
    mutating func markReady(_ slot: UInt32) {
        guard !slots[slot].isReady else { return }
        slots[slot].isReady = true
        slots[slot].next = 0
        if readyLast != 0 { slots[readyLast].next = slot } else { readyFirst = slot }
        readyLast = slot
    }

    var hasReady: Bool { @_noAllocation @_noLocks get { readyFirst != 0 } }

    /// The last slot of the ready list as it stands: how far one pass of the loop goes.
    var readyEnd: UInt32 { @_noAllocation @_noLocks get { readyLast } }

    /// The next slot whose work is not done, or 0. It may have been closed meanwhile (`isUsed` is
    /// false then).
    @_noAllocation @_noLocks
    mutating func takeReady() -> UInt32 {
        let slot = readyFirst
        guard slot != 0 else { return 0 }
        readyFirst = slots[slot].next
        if readyFirst == 0 { readyLast = 0 }
        slots[slot].isReady = false
        if !slots[slot].isUsed { list.free(slot) }
        return slot
    }
}
