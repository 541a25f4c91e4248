/// What `dvpnctl firewall --json` prints: the recommended firewall, and what was done with it.
public struct FirewallReport: Codable, Hashable, Sendable {
    /// See `ReportSchema`.
    public let schema: Int

    /// The only nftables table that it is in, such as `inet dvpn_firewall`.
    public let table: String

    /// `show`, `apply` or `remove`.
    public let done: String

    /// What nft(8) takes, or was given.
    public let rules: String

    /// Takes the fields as they are.
    public init(table: String, done: String, rules: String) {
        schema = ReportSchema.version
        self.table = table
        self.done = done
        self.rules = rules
    }
}
