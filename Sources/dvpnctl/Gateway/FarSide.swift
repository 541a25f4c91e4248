/// What a gateway needs for one of dvpn's users there: the wanted state, checked. Pure.
///
/// Everything in it is safe to stand in a shell script, sshd's configuration and a rule set.
struct FarSide: Equatable, Sendable {
    /// What opens connections there.
    enum Kind: String, Equatable, Sendable {
        /// sshd itself (direct-tcpip), and it does nothing else for the user.
        case forward
        /// A netcat in a directory that holds nothing else: sshd forwards nothing.
        case jail

        /// As `far-end` of the configuration calls it.
        var farEnd: String {
            switch self {
            case .forward: "forward"
            case .jail: "netcat"
            }
        }
    }

    /// What makes it no state that anybody can want, as a sentence.
    struct Defect: Error, Equatable {
        let text: String
    }

    /// The account that is made where nobody says another one. dvpn's own is taken where the
    /// gateway runs dvpn itself.
    static let defaultUser = "dvpn-gate"

    let user: String
    let kind: Kind
    /// As nft takes them, at least one.
    let prefixes: [String]
    /// Public keys, one a line, without options; at least one.
    let keys: [String]

    init(user: String, kind: Kind, prefixes: [String], keys: [String]) throws(Defect) {
        guard Self.isUser(user) else {
            throw Defect(
                text: "\"\(user)\" cannot be dvpn's user on a gateway: a-z, 0-9, - and _, "
                    + "at most 32, and not root")
        }
        guard !prefixes.isEmpty else {
            throw Defect(text: "no prefix is known that the user may reach; say --prefix")
        }
        for prefix in prefixes where IPPrefix(prefix) == nil {
            throw Defect(text: "\"\(prefix)\" is no prefix; write it like 10.1.2.0/24")
        }
        guard !keys.isEmpty else {
            throw Defect(text: "no public key is known; say --key FILE")
        }
        for key in keys where !Self.isKey(key) {
            throw Defect(text: "\"\(key.prefix(40))\" is no public key of ssh")
        }
        self.user = user
        self.kind = kind
        self.prefixes = prefixes
        self.keys = keys
    }

    /// The jail's directory; nil where there is none.
    var jail: String? {
        kind == .jail ? "/var/lib/dvpn-gateway/\(user)" : nil
    }

    /// The user's authorized_keys, where the user cannot change it.
    var keyFile: String { "\(Self.directory)/\(user).keys" }

    var ruleFile: String { "\(Self.directory)/\(user).nft" }

    /// The name of the table of rules.
    var table: String { "dvpn-far-\(user)" }

    static let directory = "/etc/dvpn-gateway"

    private static func isUser(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 32, text != "root" else {
            return false
        }
        return (0x61...0x7a).contains(first)
            && text.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || "-_".utf8.contains($0)
            }
    }

    private static func isKey(_ text: String) -> Bool {
        let words = text.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, HostKeys.kinds.contains(where: words[0].hasPrefix),
            text.utf8.allSatisfy({ (0x20...0x7e).contains($0) })
        else { return false }
        return words[1].utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20)
                || "+/=".utf8.contains($0)
        }
    }
}
