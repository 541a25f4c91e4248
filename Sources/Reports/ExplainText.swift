/// An explanation for people: a line for each step, under it where it is known from, and what to do. Pure.
public enum ExplainText {
    /// Lines for a terminal.
    public static func format(_ report: ExplainReport) -> String {
        let width = report.steps.map(\.what.count).max() ?? 0
        return report.steps.map { step in
            let name = step.what + String(repeating: " ", count: width - step.what.count)
            let mark = step.result == .ok ? "" : "\(step.result.rawValue): "
            let indent = String(repeating: " ", count: width + 2)
            let code = step.code.map { " [\($0)]" } ?? ""
            let fix = step.fix.map { "\(indent)\($0)\n" } ?? ""
            return "\(name)  \(mark)\(step.text)\(code)\n\(indent)(\(step.from))\n\(fix)"
        }
        .joined()
    }
}
