/// The marks by which dataplane and netfilter tell each other what a packet on `dvpn0` is. They
/// stand in the DSCP field (RFC 2474), which is overwritten on every packet written, so that a
/// sender cannot choose one.
enum Mark: UInt8 {
    /// Redirect it to the listener, or route it. A SYN has its worker's number, from 0 to
    /// `Limits.workersMax` - 1, in its place, by which the accepted connection finds back.
    case release = 0
    /// From netfilter: an IPv6 packet of this host's own programs. Never written.
    case local = 61
    /// Answer it with "host unreachable".
    case unreachable = 62
    /// Answer it with a RST.
    case reset = 63
}

extension PacketBytes {
    /// The DSCP field.
    var codepoint: UInt8 {
        @_noAllocation @_noLocks get {
            self[0] >> 4 == 4 ? self[1] >> 2 : UInt8(truncatingIfNeeded: u16(0) >> 6) & 63
        }
    }

    /// A packet that the dataplane wrote as a refusal and that netfilter should have answered.
    var isReturned: Bool {
        @_noAllocation @_noLocks get {
            codepoint == Mark.reset.rawValue || codepoint == Mark.unreachable.rawValue
        }
    }

    /// An IPv6 packet of this host's own programs: it cannot go on by way of `dvpn0`, since IPv6
    /// knows no forwarding for one device only.
    var isLocal: Bool {
        @_noAllocation @_noLocks get { self[0] >> 4 == 6 && codepoint == Mark.local.rawValue }
    }

    /// Overwrites the DSCP field and keeps the ECN bits.
    @_noAllocation @_noLocks
    func put(_ codepoint: UInt8) {
        if self[0] >> 4 == 4 {
            let before = u16(0)
            let after = before & 0xff03 | UInt16(codepoint) << 2
            put16(after, at: 0)
            put16(Checksum.updated(u16(10), old: before, new: after), at: 10)
        } else {
            // Version 4 bits, traffic class 8 bits (DSCP 6, ECN 2), flow label 20 bits.
            put16(u16(0) & 0xf03f | UInt16(codepoint) << 6, at: 0)
        }
    }

    /// Moves the TSval at `offset` forward.
    @_noAllocation @_noLocks
    func advanceTimestamp(at offset: Int, tcpOffset: Int, by ticks: UInt32) {
        guard ticks > 0 else { return }
        let before = u32(offset)
        let after = before &+ ticks
        put32(after, at: offset)
        let isOdd = (offset - tcpOffset) % 2 == 1
        let checksum = u16(tcpOffset + 16)
        put16(Checksum.updated(checksum, old: before, new: after, isOdd: isOdd), at: tcpOffset + 16)
    }
}
