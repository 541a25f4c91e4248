internal import Protocol

/// The SYN of each opening, and behind it the answer of its SOCKS negotiation as far as it has
/// come.
struct PacketStore {
    static var packetMax: Int { @_noAllocation @_noLocks get { Limits.synBytesMax } }
    private static let answerOffset = 128
    private static let answerMax = 16
    private static let stride = 144

    private let bytes: Slab<UInt8>

    init(count: Int) {
        bytes = Slab(count: count * Self.stride)
    }

    @_noAllocation @_noLocks
    func packet(_ slot: UInt32, length: Int) -> PacketBytes {
        precondition(length <= Self.packetMax)
        return unsafe PacketBytes(bytes.pointer(to: slot * UInt32(Self.stride)), count: length)
    }

    @_noAllocation @_noLocks
    func answer(_ slot: UInt32, length: Int) -> PacketBytes {
        precondition(length <= Self.answerMax)
        let offset = slot * UInt32(Self.stride) + UInt32(Self.answerOffset)
        return unsafe PacketBytes(bytes.pointer(to: offset), count: length)
    }

    @_noAllocation @_noLocks
    func keep(_ packet: PacketBytes, as slot: UInt32) {
        let copy = self.packet(slot, length: packet.count)
        // SAFETY: both are packet.count bytes long; the store and the caller's buffer never
        // overlap.
        unsafe copy.memory.copyMemory(from: packet.memory, byteCount: packet.count)
    }
}
