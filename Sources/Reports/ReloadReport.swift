/// What a reload of the configuration changed. What is not named here was not touched.
public struct ReloadReport: Codable, Hashable, Sendable {
    public let schema: Int

    /// Names of networks.
    public let added: [String]
    public let removed: [String]
    public let changed: [String]

    /// Keys outside the networks, as they are written: `lan`, `hold`, `limits`.
    public let settings: [String]

    public init(added: [String], removed: [String], changed: [String], settings: [String]) {
        schema = ReportSchema.version
        self.added = added
        self.removed = removed
        self.changed = changed
        self.settings = settings
    }
}
