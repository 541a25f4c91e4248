internal import Protocol

/// A packet that waits for its network's tunnel.
struct HeldPacket {
    /// Whether and how it may be answered.
    var kind = Segment.Kind.ignored
    /// It is an IPv6 one of this host's own programs.
    var isLocal = false
    var ipProtocol: UInt8 = 0
    var length: UInt16 = 0
    var source = Endpoint(family: .ipv4, address: Address(high: 0, low: 0), port: 0)
    var target = Endpoint(family: .ipv4, address: Address(high: 0, low: 0), port: 0)
    var network: UInt32 = 0
    var sourceSlot: UInt32 = 0
}

/// Every held packet with its bytes.
struct HeldPackets {
    /// Larger ones are not held; `dvpn0` has an MTU of 1,500.
    static let packetMax = 2_000
    private static let stride = 2_048

    let slots: Slab<HeldPacket>
    /// Of its network's packets, in the order in which they came.
    let links: Slab<SlotLink>
    private let bytes: Slab<UInt8>
    private var list: SlotList

    init(capacity: Int) {
        slots = Slab(count: capacity + 1)
        links = Slab(count: capacity + 1)
        bytes = Slab(count: (capacity + 1) * Self.stride)
        list = SlotList(capacity: capacity)
    }

    var used: Int {
        @_noAllocation @_noLocks get { list.used }
    }

    /// A slot with nothing set; 0 if there is none.
    @_noAllocation @_noLocks
    mutating func take() -> UInt32 {
        let slot = list.take()
        if slot != 0 { slots[slot] = HeldPacket() }
        return slot
    }

    /// Gives the slot back; it must be in no queue.
    @_noAllocation @_noLocks
    mutating func free(_ slot: UInt32) { list.free(slot) }

    /// The slot's packet.
    @_noAllocation @_noLocks
    func packet(_ slot: UInt32) -> PacketBytes {
        unsafe PacketBytes(
            bytes.pointer(to: slot * UInt32(Self.stride)), count: Int(slots[slot].length))
    }

    /// Copies the packet, of `packetMax` bytes at most, into the slot.
    @_noAllocation @_noLocks
    func keep(_ packet: PacketBytes, as slot: UInt32) {
        precondition(packet.count <= Self.packetMax)
        slots[slot].length = UInt16(truncatingIfNeeded: packet.count)
        // SAFETY: a slot has room for the largest packet, and is not the caller's buffer.
        unsafe self.packet(slot).memory.copyMemory(from: packet.memory, byteCount: packet.count)
    }
}
