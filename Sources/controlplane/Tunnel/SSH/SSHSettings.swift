/// What is configured about one tunnel through ssh. Two networks with equal settings share it.
struct SSHSettings: Equatable, Hashable, Sendable, Codable {
    /// Name in messages, locks and records: that of the tunnel's first network, or any other name
    /// that stays the same over restarts and is unique.
    var name: String
    /// The gateway's name or address literal, as configured and as in known_hosts.
    var gateway: String
    /// The account on the gateway.
    var user: String
    var port: UInt16 = 22
    /// Path of the private key.
    var identity: String
    /// Path of our own known_hosts file.
    var knownHosts: String
    /// How many connections one master carries at most: a stock sshd stays below its soft limit of
    /// 1,024 descriptors with it, and reports running out as a refusal by the target.
    var connectionsPerMaster = 900
    /// Masters of one tunnel at most.
    var mastersMax = 16
    /// A master that is not the first goes away after so many quiet milliseconds; nil: never.
    var idleMs: Int64? = 300_000
    /// Seconds for ssh's own connection to the gateway.
    var connectTimeoutSeconds = 15

    /// Each connection has a master of its own. Optional, like the next one, because records of
    /// earlier versions do not have it.
    var isPerConnection: Bool?
    /// Connections are opened by netcat on the gateway, each in a session of the master.
    var usesNetcat: Bool?

    /// What in these settings ssh would misunderstand, as a sentence, or nil.
    ///
    /// ssh_config(5) has no way to quote a quotation mark, expands `%` and `${}` in paths and takes
    /// a destination that begins with `-` for an option.
    var defect: String? {
        if !Self.isPlain(gateway, more: ".:-_") {
            return "the gateway \"\(gateway)\" is no host name and no address"
        }
        if !Self.isPlain(user, more: ".-_@") || user.isEmpty {
            return "\"\(user)\" cannot be a user name on a gateway"
        }
        for (what, path) in [("identity", identity), ("known-hosts", knownHosts)] {
            guard path.hasPrefix("/") else {
                return "\(what) must be an absolute path, not \"\(path)\""
            }
            let forbidden = path.unicodeScalars.contains {
                $0.value < 0x20 || $0.value == 0x7f || "\"\\$".unicodeScalars.contains($0)
            }
            if forbidden {
                return "\(what) must not hold quotation marks, backslashes, $ or control characters"
            }
        }
        return nil
    }

    /// Whether a master that was started with other settings can go on under these: it leads to the
    /// same account on the same gateway with the same proofs.
    func reaches(sameAs other: SSHSettings) -> Bool {
        gateway == other.gateway && user == other.user && port == other.port
            && identity == other.identity && knownHosts == other.knownHosts
            && (usesNetcat ?? false) == (other.usesNetcat ?? false)
    }

    private static func isPlain(_ text: String, more: String) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "-") else { return false }
        return text.utf8.allSatisfy { byte in
            (byte >= 0x30 && byte <= 0x39) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a)
                || more.utf8.contains(byte)
        }
    }
}
