/// Why a request was not done.
public struct ErrorReport: Codable, Hashable, Sendable {
    public struct Problem: Codable, Hashable, Sendable {
        /// Stable, for programs: one of `OperatorError.Code`, or of the transport's own.
        public let code: String

        /// What happened. May have several lines, such as the mistakes in a configuration.
        public let text: String

        /// What to do, where it is known.
        public let fix: String?

        public init(code: String, text: String, fix: String? = nil) {
            self.code = code
            self.text = text
            self.fix = fix
        }
    }

    public let schema: Int
    public let error: Problem

    public init(_ error: Problem) {
        schema = ReportSchema.version
        self.error = error
    }
}
