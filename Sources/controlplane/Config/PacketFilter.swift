/// Which packets of a network count for something: what may start its tunnel, what may pass it,
/// what keeps it up.
struct PacketFilter: Hashable, Sendable {
    /// A packet that fits is allowed, or is not.
    struct Rule: Hashable, Sendable {
        let isAllowed: Bool
        /// The IP protocol's number; nil: every packet fits.
        var ipProtocol: UInt8?
        /// The port that the packet goes to, for ICMP its type; nil: any.
        var ports: ClosedRange<UInt16>?
    }

    /// The first rule that fits decides. The last one of every filter that the configuration gives
    /// fits every packet: the parser adds it, see `FilterParser`.
    var rules: [Rule]

    /// Everything.
    static let any = PacketFilter(rules: [Rule(isAllowed: true)])

    /// Everything but the noise that programs make without being asked: clocks, name services of
    /// the local link, service discovery, address configuration, group membership.
    static let wanted = PacketFilter(
        rules: [
            .udp(123), .udp(137...138), Rule(isAllowed: false, ipProtocol: 6, ports: 139...139),
            .udp(1900), .udp(5353), .udp(5355), .udp(67...68), .udp(546...547),
            Rule(isAllowed: false, ipProtocol: 58, ports: 133...137),
            Rule(isAllowed: false, ipProtocol: 2), Rule(isAllowed: true),
        ])

    /// The verdict on a packet of this protocol to this port.
    func allows(ipProtocol: UInt8, port: UInt16) -> Bool {
        rules.first { rule in
            (rule.ipProtocol ?? ipProtocol) == ipProtocol && rule.ports?.contains(port) ?? true
        }?.isAllowed ?? false
    }
}

extension PacketFilter.Rule {
    fileprivate static func udp(_ port: UInt16) -> Self { udp(port...port) }

    fileprivate static func udp(_ ports: ClosedRange<UInt16>) -> Self {
        Self(isAllowed: false, ipProtocol: 17, ports: ports)
    }
}
