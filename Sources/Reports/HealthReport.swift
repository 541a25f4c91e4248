/// One thing that a person should know about, and what to do about it.
public struct HealthReport: Codable, Hashable, Sendable {
    /// How much it matters.
    public enum Severity: String, Codable, Hashable, Sendable {
        /// Worth knowing; nothing is to be done.
        case notice
        /// dvpn works, but not as it should.
        case warning
        /// Something does not work, and will not without a person.
        case error
    }

    /// Stable, for programs: `dataplane-away`, `rules-restored`.
    public let code: String

    /// How much it matters.
    public let severity: Severity

    /// One sentence without a full stop.
    public let text: String

    /// What to do, where it is known.
    public let fix: String?

    /// One finding; `fix` only where a remedy is known.
    public init(code: String, severity: Severity, text: String, fix: String? = nil) {
        self.code = code
        self.severity = severity
        self.text = text
        self.fix = fix
    }
}

/// `GET /v1/health`: what a person should know about.
public struct FindingsReport: Codable, Hashable, Sendable {
    /// The promise that the report keeps: `ReportSchema`.
    public let schema: Int

    /// Empty where all is well.
    public let health: [HealthReport]

    /// A report of this version's schema.
    public init(health: [HealthReport]) {
        schema = ReportSchema.version
        self.health = health
    }
}
