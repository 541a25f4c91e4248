/// OpenSSH's version, as `ssh -V` tells it.
struct SSHVersion: Comparable, Sendable, CustomStringConvertible {
    /// The oldest one for which a dynamic forward on a Unix socket (`-D /path`, which ssh(1) does
    /// not mention) was seen to work, with both half-closes.
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

    /// Why this ssh cannot serve, as a sentence, or nil.
    ///
    /// - Parameters:
    ///   - versionText: what `ssh -V` said.
    ///   - dryRun: what `SSHCommand.dryRun` said, or nil when it failed to run.
    ///   - forward: the path that it was given.
    static func defect(versionText: String, dryRun: String?, forward: String) -> String? {
        guard let version = SSHVersion(versionText) else {
            let said =
                versionText.split(whereSeparator: { $0.isNewline }).first.map(String.init) ?? ""
            return "the ssh client must be OpenSSH \(tested) or newer; this one says \"\(said)\""
        }
        guard version >= tested else {
            return
                "OpenSSH \(version) is too old: its dynamic forward on a Unix socket is untested; "
                + "install \(tested) or newer"
        }
        guard let dryRun else { return "ssh -G did not answer" }
        let accepted = dryRun.split(whereSeparator: { $0.isNewline }).contains { line in
            line.hasPrefix("dynamicforward ") && line.hasSuffix(forward)
        }
        if accepted { return nil }
        let first = dryRun.split(whereSeparator: { $0.isNewline }).first.map(String.init) ?? ""
        return "OpenSSH \(version) does not take our configuration: \(first)"
    }
}
