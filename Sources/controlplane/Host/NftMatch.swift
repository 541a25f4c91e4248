/// A filter's rule as a piece of an nft(8) rule; empty where every packet fits.
enum NftMatch {
    /// Matches a packet by its own headers.
    static func packet(_ rule: PacketFilter.Rule) -> String {
        match(rule) { number, ports in
            switch number {
            case icmp: "icmp type \(range(ports))"
            case icmp6: "icmpv6 type \(range(ports))"
            default: "meta l4proto \(number) th dport \(range(ports))"
            }
        }
    }

    /// Matches a packet of either direction by its flow's first packet.
    static func flow(_ rule: PacketFilter.Rule) -> String {
        match(rule) { number, ports in
            // Connection tracking has type and code of ICMP where others have the target's port.
            let codes = number == icmp || number == icmp6
            let field =
                codes ? ports.lowerBound << 8...(ports.upperBound << 8 | 0xff) : ports
            return "meta l4proto \(number) ct original proto-dst \(range(field))"
        }
    }

    private static let icmp: UInt8 = 1
    private static let icmp6: UInt8 = 58

    /// Protocols with ports: TCP, UDP, DCCP, SCTP, UDP-Lite.
    private static let withPorts: Set<UInt8> = [6, 17, 33, 132, 136]

    private static func match(
        _ rule: PacketFilter.Rule, ports: (UInt8, ClosedRange<UInt16>) -> String
    ) -> String {
        guard let number = rule.ipProtocol else { return "" }
        guard var range = rule.ports else { return "meta l4proto \(number)" }
        if number == icmp || number == icmp6 {
            range = range.clamped(to: 0...255)
        } else if !withPorts.contains(number) {
            return "meta l4proto \(number)"
        }
        return ports(number, range)
    }

    private static func range(_ ports: ClosedRange<UInt16>) -> String {
        ports.lowerBound == ports.upperBound
            ? "\(ports.lowerBound)" : "\(ports.lowerBound)-\(ports.upperBound)"
    }
}

extension PacketFilter {
    /// The rules up to the first that fits every packet: none behind it is ever asked.
    var deciding: [Rule] {
        let end = rules.firstIndex(where: \.isForAll).map { $0 + 1 }
        return Array(rules.prefix(end ?? rules.count))
    }
}

extension PacketFilter.Rule {
    var isForAll: Bool { ipProtocol == nil }
}
