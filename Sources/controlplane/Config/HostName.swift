/// The names of hosts and domains: RFC 1123 section 2.1, and the underscore that directory services
/// put into theirs.
enum HostName {
    /// False for what could be taken for an address, because its last label is a number.
    static func isValid(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let last = labels.last, Int(last) == nil, text.utf8.count <= 253 else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { $0.isAlphanumeric || "-_".utf8.contains($0) }
        }
    }
}

extension UInt8 {
    /// True for the ASCII code of a letter or a digit.
    var isAlphanumeric: Bool {
        (0x30...0x39).contains(self) || (0x61...0x7A).contains(self | 0x20)
    }
}
