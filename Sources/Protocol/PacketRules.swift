/// A packet filter: up to 32 rules, of which the first that matches decides.
///
/// The rules are in place, so that a table of filters needs no memory besides its own.
public struct PacketRules: Equatable, Sendable {
    private var rules: InlineArray<32, PacketRule>

    /// Rules in the filter: 0...`Limits.rulesPerFilterMax`.
    public private(set) var count: Int

    /// No rule: everything is allowed.
    @_noAllocation @_noLocks
    public init() {
        rules = InlineArray(repeating: PacketRule(isAllowed: true, ipProtocol: 0))
        count = 0
    }

    /// Reads `count` rules; nil, and the body refused, where they are not rules or too many.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader, count: Int) {
        self.init()
        guard count >= 0 && count <= Limits.rulesPerFilterMax else {
            reader.fail()
            return nil
        }
        for index in 0..<count {
            guard let rule = PacketRule(decoding: &reader) else { return nil }
            rules[index] = rule
        }
        self.count = count
    }

    /// Writes the rules into an open `filterChunk`.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter) {
        for index in 0..<count {
            rules[index].encode(into: &writer)
        }
    }

    /// The rules in their order; nil where there are more than `Limits.rulesPerFilterMax`.
    public init?(_ list: [PacketRule]) {
        guard list.count <= Limits.rulesPerFilterMax else { return nil }
        self.init()
        for index in list.indices {
            rules[index] = list[index]
        }
        count = list.count
    }

    /// The rules in their order.
    public var list: [PacketRule] { (0..<count).map { rules[$0] } }

    /// What the first matching rule says; a packet that none matches is allowed.
    ///
    /// - Parameters:
    ///   - ipProtocol: the packet's protocol number.
    ///   - port: its target port, or its type where it is ICMP or ICMPv6; 0 where it has neither.
    @_noAllocation @_noLocks
    public func allows(ipProtocol: UInt8, port: UInt16) -> Bool {
        for index in 0..<count where rules[index].matches(ipProtocol: ipProtocol, port: port) {
            return rules[index].isAllowed
        }
        return true
    }

    /// True where both say the same.
    @_noAllocation @_noLocks
    public static func == (left: PacketRules, right: PacketRules) -> Bool {
        if left.count != right.count { return false }
        for index in 0..<left.count where left.rules[index] != right.rules[index] {
            return false
        }
        return true
    }
}
