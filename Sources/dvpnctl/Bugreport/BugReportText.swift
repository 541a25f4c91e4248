internal import Reports

/// A bug report for people: each section under its name.
enum BugReportText {
    static func format(_ report: BugReport) -> String {
        report.sections.map { section in
            let text = section.text.hasSuffix("\n") ? section.text : section.text + "\n"
            return "=== \(section.name)\n\(text)\n"
        }.joined()
    }
}
