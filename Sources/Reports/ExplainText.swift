/// An explanation for people: a line for each step, and under it where it is known from. Pure.
public enum ExplainText {
    /// Lines for a terminal.
    public static func format(_ report: ExplainReport) -> String {
        let width = report.steps.map(\.what.count).max() ?? 0
        return report.steps.map { step in
            let name = step.what + String(repeating: " ", count: width - step.what.count)
            let mark = step.result == .ok ? "" : "\(step.result.rawValue): "
            let indent = String(repeating: " ", count: width + 2)
            return "\(name)  \(mark)\(step.text)\n\(indent)(\(step.from))\n"
        }
        .joined()
    }
}
