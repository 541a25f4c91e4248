/// `GET /v1/explain?target=HOST[:PORT]` and `POST /v1/explain/try`: what happens to a connection there,
/// step by step, each with where that is known from.
public struct ExplainReport: Codable, Hashable, Sendable {
    /// One decision on a connection's way.
    public struct Step: Codable, Hashable, Sendable {
        /// What is decided here: `dvpn`, `configuration`, `resolver`, `zone`, `address`, `network`,
        /// `tunnel`, `last-error`, `rule`, `route`, `redirect`, `guard`, `reverse-path`, `try`.
        public let what: String
        /// What came of it.
        public let result: DoctorReport.Result
        /// One sentence.
        public let text: String
        /// Where it is known from: a file with its line, a command, a state.
        public let from: String
        /// What stands in the way, stable across versions: a failure's code, or the doctor's.
        public let code: String?
        /// What to do; nil where there is nothing to be done.
        public let fix: String?

        /// Takes the fields as they are.
        public init(
            _ what: String, _ result: DoctorReport.Result, _ text: String, from: String,
            code: String? = nil, fix: String? = nil
        ) {
            self.what = what
            self.result = result
            self.text = text
            self.from = from
            self.code = code
            self.fix = fix
        }
    }

    /// See `ReportSchema`.
    public let schema: Int

    /// As it was asked for.
    public let target: String

    /// In the order of a connection's way.
    public let steps: [Step]

    /// Takes the fields as they are.
    public init(target: String, steps: [Step]) {
        schema = ReportSchema.version
        self.target = target
        self.steps = steps
    }

    /// Nothing stands in the way.
    public var isHealthy: Bool { steps.allSatisfy { $0.result == .ok || $0.result == .notice } }
}
