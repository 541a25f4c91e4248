/// The bytes of one IP packet in network order, with every access checked against its length.
@safe
struct PacketBytes {
    private let base: UnsafeMutablePointer<UInt8>
    let count: Int

    /// - Parameter base: at least `count` bytes that outlive this value.
    @_noAllocation @_noLocks
    init(_ base: UnsafeMutablePointer<UInt8>, count: Int) {
        unsafe self.base = base
        self.count = count
    }

    @_noAllocation @_noLocks
    subscript(offset: Int) -> UInt8 {
        @_noAllocation @_noLocks get {
            precondition(offset >= 0 && offset < count)
            return unsafe base[offset]
        }
        @_noAllocation @_noLocks nonmutating set {
            precondition(offset >= 0 && offset < count)
            unsafe base[offset] = newValue
        }
    }

    @_noAllocation @_noLocks
    func u16(_ offset: Int) -> UInt16 {
        UInt16(self[offset]) << 8 | UInt16(self[offset + 1])
    }

    @_noAllocation @_noLocks
    func u32(_ offset: Int) -> UInt32 {
        UInt32(u16(offset)) << 16 | UInt32(u16(offset + 2))
    }

    @_noAllocation @_noLocks
    func u64(_ offset: Int) -> UInt64 {
        UInt64(u32(offset)) << 32 | UInt64(u32(offset + 4))
    }

    @_noAllocation @_noLocks
    func put16(_ value: UInt16, at offset: Int) {
        self[offset] = UInt8(truncatingIfNeeded: value >> 8)
        self[offset + 1] = UInt8(truncatingIfNeeded: value)
    }

    @_noAllocation @_noLocks
    func put32(_ value: UInt32, at offset: Int) {
        put16(UInt16(truncatingIfNeeded: value >> 16), at: offset)
        put16(UInt16(truncatingIfNeeded: value), at: offset + 2)
    }

    @_noAllocation @_noLocks
    func put64(_ value: UInt64, at offset: Int) {
        put32(UInt32(truncatingIfNeeded: value >> 32), at: offset)
        put32(UInt32(truncatingIfNeeded: value), at: offset + 4)
    }

    var memory: UnsafeMutableRawPointer {
        @_noAllocation @_noLocks get { unsafe UnsafeMutableRawPointer(base) }
    }
}
