internal import Reports

/// From facts to the steps that a connection takes. Pure.
enum Explanation {
    typealias Step = ExplainReport.Step

    static func report(_ facts: ExplainFacts) -> ExplainReport {
        let target = facts.port.map { "\(facts.host):\($0)" } ?? facts.host
        return ExplainReport(
            target: target,
            steps: running(facts) + mistakes(facts) + names(facts) + network(facts) + tunnel(facts)
                + rule(facts) + route(facts) + redirection(facts) + guards(facts)
                + reversePath(facts) + attempt(facts))
    }

    private static func running(_ facts: ExplainFacts) -> [Step] {
        guard !facts.isRunning else { return [] }
        return [
            Step(
                "dvpn", .error,
                "dvpn is not running: nothing dials; at most what was up still carries something",
                from: "its socket, which nobody answers", code: .running,
                fix: "systemctl start dvpn.target, then journalctl -u dvpn-controlplane")
        ]
    }

    private static func mistakes(_ facts: ExplainFacts) -> [Step] {
        facts.mistakes.map { mistake in
            Step(
                "configuration", .error, mistake.message, from: "\(mistake.position)",
                code: .configurationMistake, fix: mistake.fix)
        }
    }
}

extension ExplainReport.Step {
    init(
        _ what: String, _ result: DoctorReport.Result, _ text: String, from: String,
        code: FindingCode, fix: String? = nil
    ) {
        self.init(what, result, text, from: from, code: code.rawValue, fix: fix)
    }
}
