internal import Protocol

/// The different start filters of all networks, as the dataplane numbers them.
struct FilterTable {
    /// In the order of their numbers, which begin at 1.
    private(set) var rules: [PacketRules] = []
    private var numbers: [PacketFilter: UInt16] = [:]

    /// The number of a filter; equal ones share it. 0 stands for "everything".
    ///
    /// The configuration has at most `Limits.filtersMax` different filters, none of them with more
    /// than `Limits.rulesPerFilterMax` rules.
    mutating func number(_ filter: PacketFilter) -> UInt16 {
        if filter == .any { return 0 }
        if let number = numbers[filter] { return number }
        guard let wire = PacketRules(filter.rules.map(PacketRule.init)) else {
            preconditionFailure("the parser counts a filter's rules")
        }
        rules.append(wire)
        numbers[filter] = UInt16(rules.count)
        return UInt16(rules.count)
    }
}

extension PacketRule {
    fileprivate init(_ rule: PacketFilter.Rule) {
        // No ports fit every packet of the protocol, those without a port too.
        self.init(
            isAllowed: rule.isAllowed, ipProtocol: rule.ipProtocol ?? 0,
            low: rule.ports?.lowerBound ?? 0, high: rule.ports?.upperBound ?? .max)
    }
}
