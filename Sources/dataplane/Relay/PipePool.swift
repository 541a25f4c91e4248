internal import CLinux

/// Pipes made at start-up and lent to a direction while it has bytes on the way; an idle connection
/// holds none.
struct PipePool {
    struct Pipe {
        var read: Int32 = -1
        var write: Int32 = -1
        var capacity: UInt32 = 0
        var next: UInt32 = 0
    }

    /// 256 KiB: as good as 1 MiB and clearly better than the kernel's default of 64 KiB.
    static let capacityWanted: Int32 = 262_144

    let slots: Slab<Pipe>
    private var firstFree: UInt32 = 0
    private(set) var used = 0
    private(set) var count = 0
    /// Pipes that are smaller than wanted: an unprivileged user gets one page beyond
    /// pipe-user-pages-soft (pipe(7)).
    private(set) var small = 0

    /// Makes as many of `count` pipes as the kernel allows.
    init(count wanted: Int) {
        slots = Slab(count: wanted + 1)
        for slot in 1...UInt32(wanted) {
            guard let capacity = Self.make(into: slots, slot) else { break }
            if capacity < Self.capacityWanted { small += 1 }
            slots[slot].next = firstFree
            firstFree = slot
            count += 1
        }
    }

    /// A pipe without bytes, or 0 if all are lent: the caller copies then.
    @_noAllocation @_noLocks
    mutating func lend() -> UInt32 {
        let slot = firstFree
        guard slot != 0 else { return 0 }
        firstFree = slots[slot].next
        used += 1
        return slot
    }

    /// Takes a pipe back. One with bytes in it is made anew: nobody may ever see another's bytes.
    @_noAllocation @_noLocks
    mutating func take(back slot: UInt32, level: UInt32) {
        used -= 1
        if level > 0 {
            _ = dp_close(slots[slot].read)
            _ = dp_close(slots[slot].write)
            guard Self.make(into: slots, slot) != nil else {
                count -= 1
                return
            }
        }
        slots[slot].next = firstFree
        firstFree = slot
    }

    @_noAllocation @_noLocks
    private static func make(into slots: Slab<Pipe>, _ slot: UInt32) -> Int? {
        var pair = DescriptorPair()
        // SAFETY: two adjacent Int32, which is what pipe2(2) fills.
        let capacity = unsafe withUnsafeMutablePointer(to: &pair) { pointer in
            unsafe pointer.withMemoryRebound(to: Int32.self, capacity: 2) {
                unsafe dp_pipe($0, capacityWanted)
            }
        }
        guard capacity > 0 else { return nil }
        slots[slot] = Pipe(
            read: pair.first, write: pair.second, capacity: UInt32(truncatingIfNeeded: capacity),
            next: 0)
        return capacity
    }
}

private struct DescriptorPair {
    var first: Int32 = -1
    var second: Int32 = -1
}
