/// A program's version, as far as it can be compared: the first two numbers. Pure.
struct ToolVersion: Comparable, Sendable, CustomStringConvertible {
    let major: Int
    let minor: Int

    init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Reads the first two numbers with a dot between them: `nftables v1.0.6 (Lester Gooch #5)`,
    /// `OpenSSH_9.2p1 Debian-2`, `ip utility, iproute2-6.1.0`. nil where there are none.
    init?(said text: String) {
        var words = text.split { !($0.isASCII && ($0.isNumber || $0 == ".")) }[...]
        while let word = words.popFirst() {
            let parts = word.split(separator: ".")
            if parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1]) {
                self.init(major, minor)
                return
            }
        }
        return nil
    }

    static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    var description: String { "\(major).\(minor)" }
}
