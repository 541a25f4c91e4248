/// One local socket of a tunnel client: an ssh master's dynamic forward.
struct TunnelEndpoint {
    static let pathMax = 107

    var isUsed = false
    /// The controlplane's number for it.
    var id: UInt32 = 0
    var network: UInt32 = 0
    /// Connections it may carry, and those that it carries or is opening.
    var capacity: UInt32 = 0
    var load: UInt32 = 0
    /// No longer offered: connections that it carries go on.
    var isRetired = false
    var next: UInt32 = 0
}

/// All local sockets of all tunnels that are up.
struct EndpointTable {
    static let pathStride = 128

    let slots: Slab<TunnelEndpoint>
    private let paths: Slab<CChar>
    private var firstFree: UInt32 = 0
    private var fresh: UInt32 = 1

    init(capacity: Int) {
        slots = Slab(count: capacity + 1)
        paths = Slab(count: (capacity + 1) * Self.pathStride)
    }

    /// The path as a C string, valid while the slot is used.
    @_noAllocation @_noLocks
    func path(_ slot: UInt32) -> UnsafeMutablePointer<CChar> {
        unsafe paths.pointer(to: slot * UInt32(Self.pathStride))
    }

    /// A slot with nothing set; 0 if there is none.
    @_noAllocation @_noLocks
    mutating func take() -> UInt32 {
        var slot = firstFree
        if slot != 0 {
            firstFree = slots[slot].next
        } else {
            guard Int(fresh) < slots.count else { return 0 }
            slot = fresh
            fresh += 1
        }
        slots[slot] = TunnelEndpoint()
        slots[slot].isUsed = true
        return slot
    }

    @_noAllocation @_noLocks
    mutating func free(_ slot: UInt32) {
        slots[slot].isUsed = false
        slots[slot].next = firstFree
        firstFree = slot
    }
}
