/// What `dvpnctl gateway setup --json` prints: what a host needs to be a gateway, and what was done.
public struct GatewaySetupReport: Codable, Hashable, Sendable {
    /// See `ReportSchema`.
    public let schema: Int

    /// As it was said on the command line, without the login.
    public let host: String

    /// dvpn's account there.
    public let user: String

    /// What opens connections there: `forward` or `netcat`.
    public let farEnd: String

    /// The script that sets it up; it finds and makes the difference itself.
    public let script: String

    /// What differs there, as text; empty: nothing. Absent where nobody logged in to look.
    public let difference: String?

    /// Whether the difference was made.
    public let changed: Bool

    /// Takes the fields as they are.
    public init(
        host: String, user: String, farEnd: String, script: String, difference: String? = nil,
        changed: Bool = false
    ) {
        schema = ReportSchema.version
        self.host = host
        self.user = user
        self.farEnd = farEnd
        self.script = script
        self.difference = difference
        self.changed = changed
    }

    private enum CodingKeys: String, CodingKey {
        case schema, host, user, script, difference, changed
        case farEnd = "far_end"
    }
}
