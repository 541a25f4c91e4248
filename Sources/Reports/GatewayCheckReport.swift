/// What `dvpnctl gateway check --json` prints: what dvpn's key can do on a gateway.
public struct GatewayCheckReport: Codable, Hashable, Sendable {
    /// Whether something is as it should be.
    public enum Grade: String, Codable, CaseIterable, Hashable, Sendable {
        /// As it should be.
        case closed
        /// Possible, and should not be.
        case open
        /// It should work and does not.
        case broken
        /// Nothing that was seen decides it.
        case unknown
    }

    /// One thing that was tried.
    public struct Finding: Codable, Hashable, Sendable {
        /// Whether it is as it should be.
        public let grade: Grade
        /// What was tried, and what came of it, in words.
        public let text: String

        /// Takes the fields as they are.
        public init(grade: Grade, text: String) {
            self.grade = grade
            self.text = text
        }
    }

    /// See `ReportSchema`.
    public let schema: Int

    /// `user@host`
    public let gateway: String

    /// What it may reach.
    public let prefixes: [String]

    /// What it was judged as: `forward` or `netcat`.
    public let farEnd: String

    /// Whether nothing is open or broken.
    public let closed: Bool

    /// In the order in which they were tried.
    public let findings: [Finding]

    /// Takes the fields as they are.
    public init(
        gateway: String, prefixes: [String], farEnd: String, closed: Bool, findings: [Finding]
    ) {
        schema = ReportSchema.version
        self.gateway = gateway
        self.prefixes = prefixes
        self.farEnd = farEnd
        self.closed = closed
        self.findings = findings
    }

    private enum CodingKeys: String, CodingKey {
        case schema, gateway, prefixes, closed, findings
        case farEnd = "far_end"
    }
}
