internal import CLinux

/// A fixed number of `Element`s in memory that is mapped once, lazily, and never given back.
///
/// The kernel hands out zeroed pages, so an `Element` whose every field is valid as zero needs no
/// initialisation, and a slot that was never used costs no memory. Slot 0 stands for "none":
/// indices in zeroed memory are then valid too.
///
/// `Element` must be plain bits, so that zeroed memory is a value of it and nothing needs
/// releasing. A slab is a handle: copies name the same memory. It belongs to one worker.
@safe
struct Slab<Element> {
    private let base: UnsafeMutablePointer<Element>
    let count: Int

    /// - Parameter count: how many slots, slot 0 included.
    init(count: Int) {
        guard let memory = unsafe dp_map(count * MemoryLayout<Element>.stride) else {
            Log.fatal("out of memory: reserving bytes:", count * MemoryLayout<Element>.stride)
        }
        unsafe base = memory.bindMemory(to: Element.self, capacity: count)
        self.count = count
    }

    @inline(__always)
    subscript(index: UInt32) -> Element {
        // SAFETY: the index is checked, the memory is never unmapped.
        @inline(__always) unsafeAddress {
            precondition(Int(index) < count)
            return unsafe UnsafePointer(base + Int(index))
        }
        @inline(__always) nonmutating unsafeMutableAddress {
            precondition(Int(index) < count)
            return unsafe base + Int(index)
        }
    }

    /// Gives the memory back: every slot is zero again, and costs nothing until it is used.
    @inline(__always)
    func vacate() {
        // SAFETY: the memory is a mapping of its own, of this length.
        unsafe dp_forget(base, count * MemoryLayout<Element>.stride)
    }

    /// The slot's memory, for system calls that fill it.
    @inline(__always)
    func pointer(to index: UInt32) -> UnsafeMutablePointer<Element> {
        precondition(Int(index) < count)
        return unsafe base + Int(index)
    }
}
