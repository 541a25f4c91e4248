internal import Protocol

/// Which prefixes can never belong to a private network, and why.
enum PrefixRules {
    /// dvpn0's own IPv4 address (the dummy address of RFC 7600) and its IPv6 prefix.
    private static let own = ["192.0.0.8/32", "fd64:7670:6e00::/48"]

    /// Blocks that no prefix may have an address in common with.
    private static let forbidden: [(prefix: Prefix, what: String)] =
        own.map { (reserved($0), "dvpn's own address block \($0)") }
        + [
            ("0.0.0.0/8", "addresses of this network"), ("127.0.0.0/8", "loopback"),
            ("169.254.0.0/16", "link-local"), ("224.0.0.0/4", "multicast"),
            ("240.0.0.0/4", "reserved and broadcast"), ("::/127", "unspecified and loopback"),
            ("::ffff:0.0.0.0/96", "IPv4-mapped"), ("fe80::/10", "link-local"),
            ("ff00::/8", "multicast"),
        ].map { (reserved($0.0), "\($0.0) (\($0.1))") }

    private static let forbiddenPrefixes = forbidden.map(\.prefix)

    /// The reason against the prefix; nil where there is none.
    static func objection(to prefix: Prefix) -> (message: String, hint: String?)? {
        if prefix.length == 0 {
            return (
                "\(prefix.text) is the default route",
                "dvpn carries private networks only; name their prefixes"
            )
        }
        guard let index = forbiddenPrefixes.firstIndex(where: { $0.overlaps(prefix) }) else {
            return nil
        }
        let found = forbidden[index]
        let relation = found.prefix.length <= prefix.length ? "lies in" : "contains"
        return ("\(prefix.text) \(relation) \(found.what)", nil)
    }

    private static func reserved(_ text: String) -> Prefix {
        guard let prefix = try? Prefix(text: text) else {
            preconditionFailure("not a prefix: \(text)")
        }
        return prefix
    }
}
