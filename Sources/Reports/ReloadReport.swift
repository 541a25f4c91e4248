/// What a reload of the configuration changed. What is not named here was not touched.
public struct ReloadReport: Codable, Hashable, Sendable {
    /// The promise that the report keeps: `ReportSchema`.
    public let schema: Int

    /// Names of networks that are new.
    public let added: [String]

    /// Names of networks that are no more.
    public let removed: [String]

    /// Names of networks that are different now.
    public let changed: [String]

    /// Keys outside the networks, as they are written: `lan`, `hold`, `limits`.
    public let settings: [String]

    /// Names of networks that are not locked any more, since their secret is another one now. Absent
    /// where there are none.
    public var unlocked: [String]?

    /// A report of this version's schema.
    public init(added: [String], removed: [String], changed: [String], settings: [String]) {
        schema = ReportSchema.version
        self.added = added
        self.removed = removed
        self.changed = changed
        self.settings = settings
    }
}
