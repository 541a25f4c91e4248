/// What `dvpnctl bugreport --json` prints: what whoever is to mend dvpn wants to know.
public struct BugReport: Codable, Hashable, Sendable {
    /// One part, such as what the doctor says.
    public struct Section: Codable, Hashable, Sendable {
        /// Stable: `versions`, `status`, `configuration`, `check`, `doctor`, `parked`, `events`, `journal`.
        public let name: String

        /// As a person would have seen it, or why it could not be had.
        public let text: String

        /// Takes the fields as they are.
        public init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    /// See `ReportSchema`.
    public let schema: Int

    /// In the order in which they are read.
    public let sections: [Section]

    /// Takes the sections as they are.
    public init(sections: [Section]) {
        schema = ReportSchema.version
        self.sections = sections
    }
}
