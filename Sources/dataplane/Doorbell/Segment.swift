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
    private static let udp: UInt8 = 17, icmp: UInt8 = 1, icmp6: UInt8 = 58

    let kind: Kind
    let source: Endpoint
    let target: Endpoint
    /// The IP protocol number.
    let ipProtocol: UInt8
    /// What a filter's ports mean: the target port, or the type of ICMP; 0 where there is neither.
    let selector: UInt16
    /// Not the first part of its packet: it has no ports.
    let isLaterFragment: Bool
    /// Somebody waits for what will come of it, so that it may make a tunnel dial and may be
    /// answered. Not so what is ignored, and a TCP segment that brings nothing: a keepalive, the
    /// acknowledgement or the end of what is over.
    let isDemand: Bool
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
        let target = packet.u32(16)
        self.init(
            packet, family: .ipv4, transport: header, ipProtocol: packet[9],
            source: Address(ipv4: packet.u32(12)), target: Address(ipv4: target),
            isSpecial: target >= 0xe000_0000 || packet.u32(12) == 0,
            isLaterFragment: packet.u16(6) & 0x1fff != 0)
    }

    /// Of the extension headers only the fragment header is followed: a SYN behind another one is
    /// rare enough to be answered as a datagram.
    @_noAllocation @_noLocks
    private init?(ipv6 packet: PacketBytes) {
        guard packet.count >= 40 else { return nil }
        let source = Address(high: packet.u64(8), low: packet.u64(16))
        let hopByHop: UInt8 = 0, fragment: UInt8 = 44
        var ipProtocol = packet[6]
        var transport = 40
        var isLaterFragment = false
        if ipProtocol == fragment {
            guard packet.count >= 48 else { return nil }
            ipProtocol = packet[40]
            transport = 48
            isLaterFragment = packet.u16(42) & 0xfff8 != 0
        }
        let isSpecial =
            packet[24] == 0xff || (source.high == 0 && source.low == 0) || packet[6] == hopByHop
        self.init(
            packet, family: .ipv6, transport: transport, ipProtocol: ipProtocol, source: source,
            target: Address(high: packet.u64(24), low: packet.u64(32)), isSpecial: isSpecial,
            isLaterFragment: isLaterFragment)
    }

    @_noAllocation @_noLocks
    private init?(
        _ packet: PacketBytes, family: Family, transport: Int, ipProtocol: UInt8, source: Address,
        target: Address, isSpecial: Bool, isLaterFragment: Bool
    ) {
        self.ipProtocol = ipProtocol
        self.isLaterFragment = isLaterFragment
        let hasPorts =
            (ipProtocol == Self.tcp || ipProtocol == Self.udp) && !isLaterFragment
            && packet.count >= transport + 4
        let sourcePort = hasPorts ? packet.u16(transport) : 0
        let targetPort = hasPorts ? packet.u16(transport + 2) : 0
        self.source = Endpoint(family: family, address: source, port: sourcePort)
        self.target = Endpoint(family: family, address: target, port: targetPort)
        guard ipProtocol == Self.tcp, !isSpecial, !isLaterFragment else {
            let type = isLaterFragment ? nil : Self.type(packet, ipProtocol, at: transport)
            let isIgnored = isSpecial || isLaterFragment || Self.isUnanswered(type, ipProtocol)
            kind = isIgnored ? .ignored : .datagram
            isDemand = !isIgnored
            selector = type.map { UInt16($0) } ?? targetPort
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
            isDemand = true
        } else {
            kind = flags & rst != 0 ? .ignored : .stray
            isDemand = flags & rst == 0 && packet.count > transport + header
        }
        selector = targetPort
        sequence = packet.u32(transport + 4)
        tcpOffset = transport
        timestampOffset = Self.timestamp(packet, from: transport + 20, to: transport + header)
    }

    /// The type of an ICMP or ICMPv6 message; nil where it is cut off, or another protocol.
    @_noAllocation @_noLocks
    private static func type(_ packet: PacketBytes, _ ipProtocol: UInt8, at offset: Int) -> UInt8? {
        guard ipProtocol == icmp || ipProtocol == icmp6, packet.count > offset else { return nil }
        return packet[offset]
    }

    /// Destination unreachable, source quench, redirect, time exceeded, parameter problem (RFC
    /// 1122, 3.2.2; RFC 4443, 2.1): an error never answers an error. Neighbour discovery is not to
    /// be answered either: of ICMP only an echo request is.
    @_noAllocation @_noLocks
    private static func isUnanswered(_ type: UInt8?, _ ipProtocol: UInt8) -> Bool {
        switch ipProtocol {
        case icmp: type != 8
        case icmp6: type != 128
        default: false
        }
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
