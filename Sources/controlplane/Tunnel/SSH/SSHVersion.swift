/// OpenSSH's version, as `ssh -V` tells it.
struct SSHVersion: Comparable, Sendable, CustomStringConvertible {
    /// The oldest one that the tests have seen.
    static let tested = SSHVersion(major: 9, minor: 2)

    let major: Int
    let minor: Int

    init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Reads `OpenSSH_9.2p1 Debian-2+deb12u6, OpenSSL 3.0.19 …`; nil for anything else.
    init?(_ text: String) {
        guard text.hasPrefix("OpenSSH_") else { return nil }
        let number = text.dropFirst("OpenSSH_".count).prefix { $0.isNumber || $0 == "." }
        let parts = number.split(separator: ".")
        guard parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1]) else {
            return nil
        }
        self.init(major: major, minor: minor)
    }

    static func < (one: SSHVersion, other: SSHVersion) -> Bool {
        (one.major, one.minor) < (other.major, other.minor)
    }

    var description: String { "\(major).\(minor)" }
}
