/// One line of a packet filter: which packets it is about, and whether they may do what is asked.
public struct PacketRule: Equatable, Sendable {
    /// What the rule says of the packets that it matches.
    public let isAllowed: Bool

    /// The IP protocol number (6 TCP, 17 UDP); 0 for any.
    public let ipProtocol: UInt8

    /// The lowest target port, or type of ICMP and ICMPv6, that it matches.
    public let low: UInt16

    /// The highest one.
    public let high: UInt16

    /// Takes the fields as they are; only decoding checks their ranges.
    ///
    /// - Parameters:
    ///   - isAllowed: what the rule says.
    ///   - ipProtocol: the protocol's number; 0 for any.
    ///   - low: the lowest port or type. 0 to 65,535 matches packets without a port too.
    ///   - high: the highest one, not below `low`.
    @_noAllocation @_noLocks
    public init(isAllowed: Bool, ipProtocol: UInt8, low: UInt16 = 0, high: UInt16 = 0xffff) {
        self.isAllowed = isAllowed
        self.ipProtocol = ipProtocol
        self.low = low
        self.high = high
    }

    /// Reads one item; nil, and the body refused, where a field is out of range.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        let allowed = reader.u8()
        isAllowed = allowed == 1
        ipProtocol = reader.u8()
        reader.reserved16()
        low = reader.u16()
        high = reader.u16()
        guard !reader.failed, allowed <= 1, low <= high else {
            reader.fail()
            return nil
        }
    }

    /// Writes one item into an open `filterChunk`.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter) {
        writer.put(UInt8(isAllowed ? 1 : 0))
        writer.put(ipProtocol)
        writer.put(UInt16(0))
        writer.put(low)
        writer.put(high)
    }

    /// True where the rule is about such a packet.
    ///
    /// - Parameters:
    ///   - ipProtocol: the packet's protocol number.
    ///   - port: its target port, or its type where it is ICMP or ICMPv6; 0 where it has neither.
    @_noAllocation @_noLocks
    public func matches(ipProtocol: UInt8, port: UInt16) -> Bool {
        (self.ipProtocol == 0 || self.ipProtocol == ipProtocol) && low <= port && port <= high
    }

    /// True where both say the same.
    @_noAllocation @_noLocks
    public static func == (left: PacketRule, right: PacketRule) -> Bool {
        left.isAllowed == right.isAllowed && left.ipProtocol == right.ipProtocol
            && left.low == right.low && left.high == right.high
    }
}
