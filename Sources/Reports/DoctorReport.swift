/// `GET /v1/doctor`: what was looked at on the host, and what came of it.
public struct DoctorReport: Codable, Hashable, Sendable {
    /// What came of looking.
    public enum Result: String, Codable, CaseIterable, Hashable, Sendable {
        case ok
        /// Good to know.
        case notice
        /// Something works less well than it should, or will not for long.
        case warning
        /// Something does not work.
        case error
    }

    /// One thing that was looked at.
    public struct Check: Codable, Hashable, Sendable {
        /// Stable across versions: scripts may test for it.
        public let code: String
        /// What came of it.
        public let result: Result
        /// One sentence.
        public let text: String
        /// What to do; nil where there is nothing to be done.
        public let fix: String?

        /// Takes the fields as they are.
        public init(_ code: String, _ result: Result, _ text: String, fix: String? = nil) {
            self.code = code
            self.result = result
            self.text = text
            self.fix = fix
        }
    }

    /// See `ReportSchema`.
    public let schema: Int

    /// In the order in which they were made.
    public let checks: [Check]

    /// Takes the fields as they are.
    public init(checks: [Check]) {
        schema = ReportSchema.version
        self.checks = checks
    }

    /// Nothing worse than a notice.
    public var isHealthy: Bool { checks.allSatisfy { $0.result == .ok || $0.result == .notice } }
}
