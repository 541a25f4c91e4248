/// Why a request was not done.
public struct ErrorReport: Codable, Hashable, Sendable {
    /// What went wrong, and what to do about it.
    public struct Problem: Codable, Hashable, Sendable {
        /// Stable, for programs: one of `ProblemCode`, or of the transport's own.
        public let code: String

        /// What happened. May have several lines, such as the mistakes in a configuration.
        public let text: String

        /// What to do, where it is known.
        public let fix: String?

        /// A problem in words; `text` has no trailing full stop.
        public init(code: String, text: String, fix: String? = nil) {
            self.code = code
            self.text = text
            self.fix = fix
        }
    }

    /// The promise that the report keeps: `ReportSchema`.
    public let schema: Int

    /// What went wrong.
    public let error: Problem

    /// A report of this version's schema.
    public init(_ error: Problem) {
        schema = ReportSchema.version
        self.error = error
    }
}
