internal import Reports

/// A bug report for people: each section under its name.
enum BugReportText {
    static func format(_ report: BugReport) -> String {
        report.sections.map { section in
            let lines = section.text.isEmpty ? "nothing" : section.text
            return "=== \(section.name)\n\(lines)\(lines.hasSuffix("\n") ? "" : "\n")\n"
        }.joined()
    }
}
