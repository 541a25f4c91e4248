/// The Internet checksum, changed in place for the bytes that changed (RFC 1624, equation 3).
enum Checksum {
    /// The checksum after one 16-bit word went from `old` to `new`.
    @_noAllocation @_noLocks
    static func updated(_ checksum: UInt16, old: UInt16, new: UInt16) -> UInt16 {
        ~folded(UInt32(~checksum) + UInt32(~old) + UInt32(new))
    }

    /// The same for a 32-bit field. At an odd offset its bytes stand in the other halves of the
    /// words; the sum does not mind as long as old and new are swapped alike (RFC 1071, section 2
    /// B).
    @_noAllocation @_noLocks
    static func updated(_ checksum: UInt16, old: UInt32, new: UInt32, isOdd: Bool) -> UInt16 {
        var before = folded((old >> 16) + (old & 0xffff))
        var after = folded((new >> 16) + (new & 0xffff))
        if isOdd {
            before = before.byteSwapped
            after = after.byteSwapped
        }
        return updated(checksum, old: before, new: after)
    }

    @_noAllocation @_noLocks
    private static func folded(_ sum: UInt32) -> UInt16 {
        let once = (sum >> 16) + (sum & 0xffff)
        return UInt16(truncatingIfNeeded: (once >> 16) + once)
    }
}
