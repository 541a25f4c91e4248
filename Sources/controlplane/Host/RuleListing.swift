internal import FoundationEssentials
internal import Protocol

/// What `ip -json rule show` says, as rules of ours.
enum RuleListing {
    /// The rules with our routing protocol, in order; of two equal ones both are there.
    ///
    /// A rule of ours that was given another selector is reported as one for every packet, in table
    /// 0, where no rule of the plan points: it gets removed.
    static func parse(_ json: String, _ family: Family) throws(HostError) -> [HostRule] {
        try ListingJSON.decode([RuleEntry].self, json, "ip rule").compactMap { entry in
            guard entry.protocol == String(HostNames.routeProtocol) else { return nil }
            let isPlain =
                entry.dst == nil && entry.iif == nil && entry.oif == nil
                && (entry.src ?? "all") == "all"
            let table = isPlain ? RouteListing.number(entry.table) ?? 0 : 0
            let mark = entry.fwmark.flatMap(hexadecimal).map { value in
                HostRule.Mark(value: value, mask: entry.fwmask.flatMap(hexadecimal) ?? .max)
            }
            return HostRule(
                family: family, preference: entry.priority, table: table, mark: mark)
        }
    }

    static func hexadecimal(_ text: String) -> UInt32? {
        text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text)
    }
}
