/// What `dvpnctl cleanup --json` prints: the host's network is as it was before dvpn.
public struct CleanupReport: Codable, Hashable, Sendable {
    /// See `ReportSchema`.
    public let schema: Int

    /// What was said on the way, a line each.
    public let log: [String]

    /// Takes the lines as they are.
    public init(log: [String]) {
        schema = ReportSchema.version
        self.log = log
    }
}
