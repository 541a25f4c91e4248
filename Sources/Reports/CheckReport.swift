/// What `dvpnctl check --json` prints: whether a configuration can be put into effect.
public struct CheckReport: Codable, Hashable, Sendable {
    /// Something to know or to do.
    public struct Remark: Codable, Hashable, Sendable {
        /// `file:line:column`, or the file where it has no line.
        public let place: String
        /// One sentence.
        public let text: String
        /// What to do, where it is known.
        public let fix: String?

        /// Takes the fields as they are.
        public init(place: String, text: String, fix: String? = nil) {
            self.place = place
            self.text = text
            self.fix = fix
        }
    }

    /// See `ReportSchema`.
    public let schema: Int

    /// The names of the networks, in the order of the configuration; empty where it has mistakes.
    public let networks: [String]

    /// What keeps the configuration from being put into effect.
    public let mistakes: [Remark]

    /// What will keep a network from being dialled, such as a file of a secret that is not there.
    public let warnings: [Remark]

    /// What is good to know.
    public let notices: [Remark]

    /// Takes the fields as they are.
    public init(
        networks: [String], mistakes: [Remark] = [], warnings: [Remark] = [],
        notices: [Remark] = []
    ) {
        schema = ReportSchema.version
        self.networks = networks
        self.mistakes = mistakes
        self.warnings = warnings
        self.notices = notices
    }
}
