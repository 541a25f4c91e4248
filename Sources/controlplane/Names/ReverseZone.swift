internal import Protocol

/// Names of addresses: `in-addr.arpa` (RFC 1035 section 3.5) and `ip6.arpa` (RFC 3596 section 2.5).
enum ReverseZone {
    /// The domains that hold exactly the names of a prefix's addresses. Where its length is between
    /// two labels there are several: up to 128 for IPv4, up to 8 for IPv6.
    static func domains(_ prefix: Prefix) -> [String] {
        let labelBits = bits(prefix.family)
        let labels = (Int(prefix.length) + labelBits - 1) / labelBits
        let spare = labels * labelBits - Int(prefix.length)
        let values = (0..<labels).map { label(prefix.address, $0, labelBits) }
        guard let last = values.last else { return [suffix(prefix.family)] }
        return (0..<(1 << spare)).map { offset in
            let all = values.dropLast() + [last + offset]
            let texts = all.reversed().map {
                String($0, radix: prefix.family == .ipv4 ? 10 : 16)
            }
            return (texts + [suffix(prefix.family)]).joined(separator: ".")
        }
    }

    /// The addresses that a reverse name stands for, one or a block of them; nil for other names.
    static func prefix(_ name: DNSName) -> Prefix? {
        let labels = name.labels.map { String(decoding: $0, as: UTF8.self) }
        for family in Family.allCases {
            let tail = suffix(family).split(separator: ".").map(String.init)
            guard labels.count >= tail.count, Array(labels.suffix(tail.count)) == tail else {
                continue
            }
            return block(labels.dropLast(tail.count).reversed(), family)
        }
        return nil
    }

    /// - Parameter labels: the most significant first.
    private static func block(_ labels: [String], _ family: Family) -> Prefix? {
        let labelBits = bits(family)
        guard labels.count * labelBits <= Int(family.bits) else { return nil }
        var address = Address(high: 0, low: 0)
        for (index, text) in labels.enumerated() {
            guard let value = value(text, family) else { return nil }
            let shift = 128 - labelBits * (index + 1)
            address =
                shift >= 64
                ? Address(high: address.high | value << UInt64(shift - 64), low: 0)
                : Address(high: address.high, low: address.low | value << UInt64(shift))
        }
        let length = UInt8(labels.count * labelBits)
        return Prefix(family: family, length: length, address: address)
    }

    /// Only the one way in which each number is written.
    private static func value(_ text: String, _ family: Family) -> UInt64? {
        let radix = family == .ipv4 ? 10 : 16
        guard let value = UInt64(text, radix: radix), value < 1 << UInt64(bits(family)),
            String(value, radix: radix) == text
        else { return nil }
        return value
    }

    private static func label(_ address: Address, _ index: Int, _ labelBits: Int) -> Int {
        let shift = 128 - labelBits * (index + 1)
        let part = shift >= 64 ? address.high >> UInt64(shift - 64) : address.low >> UInt64(shift)
        return Int(part & (1 << UInt64(labelBits) - 1))
    }

    /// Bits of an address that one label stands for.
    private static func bits(_ family: Family) -> Int { family == .ipv4 ? 8 : 4 }

    private static func suffix(_ family: Family) -> String {
        family == .ipv4 ? "in-addr.arpa" : "ip6.arpa"
    }
}
