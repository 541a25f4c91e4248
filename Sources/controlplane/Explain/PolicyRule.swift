internal import FoundationEssentials
internal import Protocol

/// A routing policy rule as `ip -json rule` tells it, anybody's. Pure.
struct PolicyRule: Equatable, Sendable {
    let preference: Int
    /// nil: a rule that leads to no table, such as `unreachable`.
    let table: String?
    /// As ip-rule(8) writes it: `from all fwmark 0xd0/0xff`.
    let selector: String
    /// It has our routing protocol.
    let isOurs: Bool

    /// All packets but these.
    private let isInverted: Bool
    /// Where they go; nil: anywhere.
    private let target: Prefix?
    private let mark: (value: UInt32, mask: UInt32)?
    /// It asks for more than a target and a mark: a source, a device, a user, a port.
    private let isParticular: Bool

    static func == (left: Self, right: Self) -> Bool {
        (left.preference, left.table, left.selector) == (
            right.preference, right.table, right.selector
        )
    }

    /// The first rule by which a packet of this host's gets to a table.
    ///
    /// - Parameter mark: the packet's firewall mark.
    static func leading(
        to table: String, among rules: [PolicyRule], _ address: Address, _ family: Family,
        mark: UInt32 = 0
    ) -> PolicyRule? {
        rules.first { $0.table == table && $0.takes(address, family, mark) }
    }

    private func takes(_ address: Address, _ family: Family, _ mark: UInt32) -> Bool {
        if isParticular { return false }
        let fitsTarget = target?.contains(address, family) ?? true
        let fitsMark = self.mark.map { mark & $0.mask == $0.value } ?? true
        return (fitsTarget && fitsMark) != isInverted
    }
}

/// Reading.
extension PolicyRule {
    /// Says only whether a key is there: `not` has no value.
    private struct Inversion: Decodable {
        let isThere: Bool

        private enum CodingKeys: String, CodingKey { case not }

        init(from decoder: any Decoder) throws {
            isThere = try decoder.container(keyedBy: CodingKeys.self).contains(.not)
        }
    }

    /// In the kernel's order.
    static func parse(_ json: String, _ family: Family) throws(HostError) -> [PolicyRule] {
        let entries = try ListingJSON.decode([RuleEntry].self, json, "ip rule")
        let inversions = try ListingJSON.decode([Inversion].self, json, "ip rule")
        return zip(entries, inversions).map { PolicyRule($0, family, isInverted: $1.isThere) }
    }

    private init(_ entry: RuleEntry, _ family: Family, isInverted: Bool) {
        preference = Int(entry.priority)
        table = entry.table
        isOurs = entry.protocol == "\(HostNames.routeProtocol)"
        self.isInverted = isInverted
        let source = Self.text(entry.src ?? "all", entry.srclen)
        let destination = entry.dst.map { Self.text($0, entry.dstlen) }
        target = destination.flatMap { Prefix(listed: $0, family) }
        mark = entry.fwmark.flatMap(RuleListing.hexadecimal).map { value in
            (value, entry.fwmask.flatMap(RuleListing.hexadecimal) ?? .max)
        }
        isParticular =
            source != "all" || entry.iif ?? "lo" != "lo" || entry.oif != nil
            || entry.ipproto != nil || entry.sport != nil || entry.dport != nil
            || entry.userStart != nil || (destination != nil && target == nil)
        var words = [isInverted ? "not from \(source)" : "from \(source)"]
        if let destination { words.append("to \(destination)") }
        if let iif = entry.iif { words.append("iif \(iif)") }
        if let oif = entry.oif { words.append("oif \(oif)") }
        if let value = entry.fwmark {
            words.append("fwmark \(value)" + (entry.fwmask.map { "/\($0)" } ?? ""))
        }
        if let start = entry.userStart {
            words.append("uidrange \(start)-\(entry.userEnd ?? start)")
        }
        if let name = entry.ipproto { words.append("ipproto \(name)") }
        if let port = entry.sport { words.append("sport \(port)") }
        if let port = entry.dport { words.append("dport \(port)") }
        selector = words.joined(separator: " ")
    }

    private static func text(_ address: String, _ length: Int?) -> String {
        length.map { "\(address)/\($0)" } ?? address
    }
}
