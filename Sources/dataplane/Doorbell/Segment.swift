internal import Protocol

/// What the doorbell has to know of one IP packet (RFC 791, RFC 8200, RFC 9293).
struct Segment {
    enum Kind {
        /// A connection begins: SYN without FIN, RST or ACK.
        case syn
        /// A TCP segment that a RST may answer.
        case stray
        /// Another packet that an ICMP error may answer.
        case datagram
        /// Nothing may or need answer it: an ICMP error, multicast, a later fragment, a RST, noise.
        case ignored
    }

    static let tcp: UInt8 = 6

    let kind: Kind
    let source: Endpoint
    let target: Endpoint
    /// The IP protocol number.
    let ipProtocol: UInt8
    /// The initial sequence number of a SYN.
    let sequence: UInt32
    /// Where the TCP header starts; 0 if there is none.
    let tcpOffset: Int
    /// Where the four bytes of TSval are; 0 if the option is missing.
    let timestampOffset: Int

    /// Parses a packet; nil if it is cut short, has impossible lengths or is not IP.
    @_noAllocation @_noLocks
    init?(_ packet: PacketBytes) {
        guard packet.count >= 20 else { return nil }
        switch packet[0] >> 4 {
        case 4: self.init(ipv4: packet)
        case 6: self.init(ipv6: packet)
        default: return nil
        }
    }

    @_noAllocation @_noLocks
    private init?(ipv4 packet: PacketBytes) {
        let header = Int(packet[0] & 15) * 4
        guard header >= 20, packet.count >= header else { return nil }
        let isLaterFragment = packet.u16(6) & 0x1fff != 0
        let target = packet.u32(16)
        let isSpecial = target >= 0xe000_0000 || packet.u32(12) == 0
        self.init(
            packet, family: .ipv4, transport: header, ipProtocol: packet[9],
            source: Address(ipv4: packet.u32(12)), target: Address(ipv4: target),
            isUnanswerable: isLaterFragment || isSpecial)
    }

    /// Extension headers are not followed: a SYN behind one is rare enough to be answered as a
    /// datagram.
    @_noAllocation @_noLocks
    private init?(ipv6 packet: PacketBytes) {
        guard packet.count >= 40 else { return nil }
        let source = Address(high: packet.u64(8), low: packet.u64(16))
        let isSpecial = packet[24] == 0xff || (source.high == 0 && source.low == 0)
        let hopByHop: UInt8 = 0, fragment: UInt8 = 44
        self.init(
            packet, family: .ipv6, transport: 40, ipProtocol: packet[6], source: source,
            target: Address(high: packet.u64(24), low: packet.u64(32)),
            isUnanswerable: isSpecial || packet[6] == hopByHop || packet[6] == fragment)
    }

    @_noAllocation @_noLocks
    private init?(
        _ packet: PacketBytes, family: Family, transport: Int, ipProtocol: UInt8, source: Address,
        target: Address, isUnanswerable: Bool
    ) {
        self.ipProtocol = ipProtocol
        let udp: UInt8 = 17
        let hasPorts =
            (ipProtocol == Self.tcp || ipProtocol == udp) && packet.count >= transport + 4
        self.source = Endpoint(
            family: family, address: source, port: hasPorts ? packet.u16(transport) : 0)
        self.target = Endpoint(
            family: family, address: target, port: hasPorts ? packet.u16(transport + 2) : 0)
        guard ipProtocol == Self.tcp, !isUnanswerable else {
            let isError = Self.isICMPError(packet, ipProtocol: ipProtocol, at: transport)
            kind = isUnanswerable || isError ? .ignored : .datagram
            sequence = 0
            tcpOffset = 0
            timestampOffset = 0
            return
        }
        guard packet.count >= transport + 20 else { return nil }
        let header = Int(packet[transport + 12] >> 4) * 4
        guard header >= 20, packet.count >= transport + header else { return nil }
        let flags = packet[transport + 13]
        let fin: UInt8 = 1, syn: UInt8 = 2, rst: UInt8 = 4, ack: UInt8 = 16
        if flags & (fin | syn | rst | ack) == syn {
            kind = .syn
        } else {
            kind = flags & rst != 0 ? .ignored : .stray
        }
        sequence = packet.u32(transport + 4)
        tcpOffset = transport
        timestampOffset = Self.timestamp(packet, from: transport + 20, to: transport + header)
    }

    /// Destination unreachable, source quench, redirect, time exceeded, parameter problem (RFC
    /// 1122, 3.2.2; RFC 4443, 2.1): an error never answers an error. Neighbour discovery is not to
    /// be answered either.
    @_noAllocation @_noLocks
    private static func isICMPError(_ packet: PacketBytes, ipProtocol: UInt8, at offset: Int)
        -> Bool
    {
        let icmp: UInt8 = 1, icmp6: UInt8 = 58
        guard ipProtocol == icmp || ipProtocol == icmp6 else { return false }
        guard packet.count > offset else { return true }
        let type = packet[offset]
        if ipProtocol == icmp { return type != 8 }
        return type != 128
    }

    /// Finds TSval among the options (RFC 7323, section 3.2: kind 8, length 10).
    @_noAllocation @_noLocks
    private static func timestamp(_ packet: PacketBytes, from start: Int, to end: Int) -> Int {
        var offset = start
        while offset < end {
            let kind = packet[offset]
            if kind == 0 { return 0 }
            if kind == 1 {
                offset += 1
                continue
            }
            guard offset + 1 < end else { return 0 }
            let length = Int(packet[offset + 1])
            guard length >= 2, offset + length <= end else { return 0 }
            if kind == 8 && length == 10 { return offset + 2 }
            offset += length
        }
        return 0
    }
}
