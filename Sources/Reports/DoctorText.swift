/// A doctor's report for people: what is wrong first, then what is right. Pure.
public enum DoctorText {
    /// Lines for a terminal; what is to be done alone unless `verbose`.
    public static func format(_ report: DoctorReport, verbose: Bool = true) -> String {
        var text = ""
        let shown: [DoctorReport.Result] =
            verbose ? [.error, .warning, .notice, .ok] : [.error, .warning]
        for result in shown {
            for check in report.checks where check.result == result {
                let mark = result == .ok ? "ok" : result.rawValue
                text += "\(mark)\(padding(mark))\(check.text) [\(check.code)]\n"
                if let fix = check.fix { text += "         \(fix)\n" }
            }
        }
        let bad = report.checks.count { $0.result == .error || $0.result == .warning }
        text += bad == 0 ? "nothing is wrong\n" : "\(bad) to look at\n"
        return text
    }

    private static func padding(_ mark: String) -> String {
        String(repeating: " ", count: max(1, 9 - mark.count))
    }
}
