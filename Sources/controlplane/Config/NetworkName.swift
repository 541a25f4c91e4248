internal import Protocol

/// What networks are called: 1 to 32 of a-z, 0-9 and -, not beginning with -.
enum NetworkName {
    static let lengthMax = 32

    static func isValid(_ text: some StringProtocol) -> Bool {
        let isAllowed = text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
        }
        return isAllowed && text.utf8.first != UInt8(ascii: "-")
            && (1...lengthMax).contains(text.utf8.count)
    }

    /// The first label of the first host name that makes a network's name.
    static func of(_ hosts: [Substring]) -> String? {
        for host in hosts {
            let label = Substring(host.utf8.prefix { $0 != UInt8(ascii: ".") })
            if isValid(label) { return String(label) }
            let lower = label.lowercased()
            if isValid(lower) { return lower }
        }
        return nil
    }

    /// A name that no other prefix has: `10-1-2-0-24`.
    static func of(_ prefix: Prefix) -> String {
        let text = prefix.text.split { ".:/".contains($0) }.joined(separator: "-")
        return isValid(text) ? text : "net-\(StableHash.digits(15, of: prefix.text))"
    }
}
