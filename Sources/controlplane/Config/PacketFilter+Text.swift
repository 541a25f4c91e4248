internal import Reports

extension PacketFilter {
    /// Why a text is no rule.
    enum TextError: Error, Equatable {
        /// Not the name of a protocol in front of the slash; the rule that was probably meant.
        case ipProtocol(meant: String?)
        /// Not a number or two behind the slash, or out of range.
        case ports(max: UInt16)
        /// The protocol's packets have no ports.
        case noPorts
        /// The first port is above the last.
        case backwards(meant: String)

        /// What is wrong, and the likely remedy.
        func explanation(_ text: String) -> (message: String, hint: String?) {
            switch self {
            case .ipProtocol(let meant):
                (
                    "\"\(text)\" is not a filter rule",
                    meant.map { "did you mean \"\($0)\"?" }
                        ?? "write it like \"any\", \"udp/53\", \"!tcp/6000-6063\" or \"icmp/8\""
                )
            case .ports(let max):
                ("the number in \"\(text)\" must be from 0 to \(max), or a range like 10-20", nil)
            case .noPorts:
                ("\"\(text)\" has a number, but its protocol has no ports", nil)
            case .backwards(let meant):
                ("the range in \"\(text)\" runs backwards", "did you mean \"\(meant)\"?")
            }
        }
    }
}

extension PacketFilter.Rule {
    /// The protocols that have a name here (IANA's numbers), and the highest port, or ICMP type,
    /// of those that have one.
    private static let protocols: KeyValuePairs<String, (number: UInt8, portMax: UInt16?)> = [
        "tcp": (6, 65_535), "udp": (17, 65_535), "icmp": (1, 255), "icmp6": (58, 255),
        "igmp": (2, nil), "gre": (47, nil), "esp": (50, nil), "ah": (51, nil), "sctp": (132, nil),
    ]

    /// A rule that no packet fits: protocol 255 is reserved.
    static let none = PacketFilter.Rule(isAllowed: false, ipProtocol: 255)

    /// Reads `any`, `udp`, `udp/53`, `tcp/1000-2000` or `icmp/8`, with a `!` in front for "not".
    init(text: String) throws(PacketFilter.TextError) {
        let isAllowed = !text.hasPrefix("!")
        let parts = text.drop { $0 == "!" }
            .split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first.map(String.init) ?? ""
        let sign = isAllowed ? "" : "!"
        guard text.prefix(while: { $0 == "!" }).count <= 1 else { throw .ipProtocol(meant: nil) }
        if name == "any" && parts.count == 1 {
            self.init(isAllowed: isAllowed)
            return
        }
        guard let (number, portMax) = Self.protocols.first(where: { $0.key == name })?.value else {
            throw .ipProtocol(meant: Self.meant(parts).map { sign + $0 })
        }
        guard parts.count == 2 else {
            self.init(isAllowed: isAllowed, ipProtocol: number)
            return
        }
        guard let portMax else { throw .noPorts }
        let bounds = parts[1].split(
            separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = bounds.compactMap { Self.number($0, max: portMax) }
        guard numbers.count == bounds.count, let low = numbers.first, let high = numbers.last else {
            throw .ports(max: portMax)
        }
        guard low <= high else { throw .backwards(meant: "\(sign)\(name)/\(high)-\(low)") }
        self.init(isAllowed: isAllowed, ipProtocol: number, ports: low...high)
    }

    /// True where every packet that fits `other` fits this rule too.
    func covers(_ other: PacketFilter.Rule) -> Bool {
        guard let ipProtocol else { return true }
        guard ipProtocol == other.ipProtocol else { return false }
        guard let ports else { return true }
        guard let inner = other.ports else { return false }
        return ports.lowerBound <= inner.lowerBound && inner.upperBound <= ports.upperBound
    }

    private static func number(_ digits: Substring, max: UInt16) -> UInt16? {
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(digits),
            number <= max
        else { return nil }
        return number
    }

    /// The rule that people write as `53/udp`, `UDP/53` or `udp:53`.
    private static func meant(_ parts: [Substring]) -> String? {
        var words = parts.map(String.init)
        if words.count == 1 {
            words = words[0].split(separator: ":", maxSplits: 1).map(String.init)
        }
        let names = protocols.map(\.key) + ["any"]
        if words.count == 2, names.contains(words[1].lowercased()) { words.reverse() }
        guard let word = words.first, let name = Spelling.nearest(to: word, in: names) else {
            return nil
        }
        guard name != "any" else { return name }
        let rest = words.dropFirst()
        guard rest.allSatisfy({ $0.utf8.allSatisfy { "0123456789-".utf8.contains($0) } }) else {
            return nil
        }
        return ([name] + rest).joined(separator: "/")
    }
}
