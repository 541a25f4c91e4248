internal import Reports

/// What came of a connection.
extension Explanation {
    static func attempt(_ facts: ExplainFacts) -> [Step] {
        guard let attempt = facts.attempt, let port = facts.port else { return [] }
        let from = "connect(2) to port \(port), from this host"
        guard let failure = attempt.failure else {
            return [Step("try", .ok, "connected after \(attempt.milliseconds) ms", from: from)]
        }
        let isTunnelWell = symptom(facts) == nil && [.up, .routed].contains(facts.network?.state)
        return [
            Step(
                "try", .error, "\(failure) after \(attempt.milliseconds) ms", from: from,
                code: .connectionFailed,
                fix: isTunnelWell
                    ? "the way there is well: look at \(facts.host) itself, and at firewalls on the "
                        + "gateway's side" : nil)
        ]
    }
}
