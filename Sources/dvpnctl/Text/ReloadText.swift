internal import Reports

/// What a reload changed, for people.
enum ReloadText {
    /// What a reload would do.
    static func preview(_ report: ReloadReport) -> String {
        let text = format(report)
        return isEmpty(report)
            ? "a reload would change nothing\n" : "a reload would make these changes\n\(text)"
    }

    private static func isEmpty(_ report: ReloadReport) -> Bool {
        (report.added + report.removed + report.changed + report.settings).isEmpty
    }

    static func format(_ report: ReloadReport) -> String {
        let parts = [
            ("added", report.added), ("removed", report.removed), ("changed", report.changed),
            ("settings changed", report.settings),
            ("unlocked, with another secret", report.unlocked ?? []),
        ]
        let lines = parts.filter { !$0.1.isEmpty }.map { "\($0.0): \(list($0.1))\n" }
        return lines.isEmpty ? "nothing has changed\n" : lines.joined()
    }

    /// Ten names, and the number of the others.
    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(10).joined(separator: ", ")
        return names.count > 10 ? "\(shown) and \(names.count - 10) more" : shown
    }
}
