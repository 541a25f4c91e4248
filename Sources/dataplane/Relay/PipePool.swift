internal import CLinux

/// Pipes that are lent to a direction while it has bytes on the way; an idle connection holds none.
/// They are made when they are first needed, and kept.
///
/// Most transfers fill a pipe and empty it at once, so that few pipes serve them all: these are
/// large. One whose target is slow keeps its pipe: that is what the many small ones are for. An
/// unprivileged user may have 64 MiB in all (pipe-user-pages-soft, pipe(7)); these are 56.
struct PipePool {
    struct Pipe {
        var read: Int32 = -1
        var write: Int32 = -1
        var next: UInt32 = 0
        var isLarge = false
    }

    /// Bytes of the two sizes. 1 MiB costs a tenth less CPU than 256 KiB with eight streams; 64 KiB
    /// is what the kernel gives anyway.
    static let large: Int32 = 1_048_576
    static let small: Int32 = 65_536
    static let largeMax = 32
    /// As many as there are at most, of both sizes, in all workers' pools.
    static let most = 416
    /// As many as one worker can adopt: what many earlier processes had, should each have ended before
    /// its targets took what it adopted.
    static let adoptedMax = 4_096

    /// Those of the pool, and behind them those that are adopted.
    let slots: Slab<Pipe>
    private let own: UInt32
    private let large: Int
    private var adopted = SlotList(capacity: PipePool.adoptedMax)
    private var freeLarge: UInt32 = 0
    private var freeSmall: UInt32 = 0
    private(set) var used = 0
    private(set) var usedLarge = 0
    var usedAdopted: Int {
        @_noAllocation @_noLocks get { adopted.used }
    }
    /// Pipes that were made.
    private(set) var count = 0
    /// Pipes that may be made of each size: less than wanted once the kernel said no.
    private var largeLimit: Int
    private var limit: Int

    /// - Parameters:
    ///   - wanted: pipes of both sizes.
    ///   - large: large ones among them.
    init(count wanted: Int, large: Int = largeMax) {
        slots = Slab(count: wanted + 1 + Self.adoptedMax)
        own = UInt32(wanted)
        self.large = large
        largeLimit = min(wanted, large)
        limit = wanted
    }

    /// False if `lend` would say 0.
    var canLend: Bool {
        @_noAllocation @_noLocks mutating get {
            if freeLarge != 0 { return true }
            if count < largeLimit, makeAnother(isLarge: true) { return true }
            largeLimit = min(largeLimit, count)
            if freeSmall != 0 { return true }
            if count < limit, makeAnother(isLarge: false) { return true }
            limit = min(limit, count)
            return false
        }
    }

    /// A pipe without bytes, a large one if there is one; 0 if all are lent: the caller does without.
    @_noAllocation @_noLocks
    mutating func lend() -> UInt32 {
        guard canLend else { return 0 }
        used += 1
        if freeLarge != 0 {
            let slot = freeLarge
            freeLarge = slots[slot].next
            usedLarge += 1
            return slot
        }
        let slot = freeSmall
        freeSmall = slots[slot].next
        return slot
    }

    /// Takes a pipe back. One with bytes in it is made anew: nobody may ever see another's bytes.
    @_noAllocation @_noLocks
    mutating func take(back slot: UInt32, level: UInt32) {
        used -= 1
        if isAdopted(slot) {
            _ = dp_close(slots[slot].read)
            // What it took of the kernel's share may be another's now.
            largeLimit = min(Int(own), large)
            limit = Int(own)
            return adopted.free(slot - own)
        }
        if slots[slot].isLarge { usedLarge -= 1 }
        if level > 0 {
            _ = dp_close(slots[slot].read)
            _ = dp_close(slots[slot].write)
            // Out of descriptors for the moment: one pipe less from now on.
            guard Self.make(into: slots, slot, isLarge: slots[slot].isLarge) else { return }
        }
        keep(slot)
    }

    /// Takes in the end of a pipe that an earlier process filled, until it is empty; 0 if there is no
    /// room.
    @_noAllocation @_noLocks
    mutating func adopt(_ end: Int32) -> UInt32 {
        let slot = adopted.take()
        guard slot != 0 else { return 0 }
        used += 1
        slots[own + slot] = Pipe(read: end)
        return own + slot
    }

    /// Nothing can be put into such a pipe.
    @_noAllocation @_noLocks
    func isAdopted(_ slot: UInt32) -> Bool { slot > own }

    @_noAllocation @_noLocks
    private mutating func keep(_ slot: UInt32) {
        if slots[slot].isLarge {
            slots[slot].next = freeLarge
            freeLarge = slot
        } else {
            slots[slot].next = freeSmall
            freeSmall = slot
        }
    }

    @_noAllocation @_noLocks
    private mutating func makeAnother(isLarge: Bool) -> Bool {
        let slot = UInt32(truncatingIfNeeded: count + 1)
        guard Self.make(into: slots, slot, isLarge: isLarge) else { return false }
        count += 1
        keep(slot)
        return true
    }

    /// False if the kernel gives none, or none of the size that is wanted.
    @_noAllocation @_noLocks
    private static func make(into slots: Slab<Pipe>, _ slot: UInt32, isLarge: Bool) -> Bool {
        var pair = DescriptorPair()
        let wanted = isLarge ? large : small
        // SAFETY: two adjacent Int32, which is what pipe2(2) fills.
        let capacity = unsafe withUnsafeMutablePointer(to: &pair) { pointer in
            unsafe pointer.withMemoryRebound(to: Int32.self, capacity: 2) {
                unsafe dp_pipe($0, wanted)
            }
        }
        guard capacity >= 0 else { return false }
        guard capacity >= Int(wanted) else {
            _ = dp_close(pair.first)
            _ = dp_close(pair.second)
            return false
        }
        slots[slot] = Pipe(read: pair.first, write: pair.second, next: 0, isLarge: isLarge)
        return true
    }
}

/// The two ends of a pipe, as pipe2(2) gives them.
struct DescriptorPair {
    var first: Int32 = -1
    var second: Int32 = -1
}
