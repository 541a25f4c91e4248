internal import FoundationEssentials
internal import Reports

/// Whose an address is, and how its network fares.
extension Explanation {
    static func network(_ facts: ExplainFacts) -> [Step] {
        guard let address = facts.address else { return [] }
        guard facts.mistakes.isEmpty else { return [] }
        guard let network = facts.network, let prefix = facts.prefix else {
            let result: DoctorReport.Result = facts.domain == nil ? .notice : .warning
            return [
                Step(
                    "network", result,
                    "\(address) is in no private prefix: dvpn has nothing to do with it",
                    from: "`prefixes` of all networks")
            ]
        }
        return [
            Step(
                "network", .ok, "\(address) is in \(prefix.text), of network \(network.name)",
                from: facts.source)
        ]
    }

    static func tunnel(_ facts: ExplainFacts) -> [Step] {
        guard let network = facts.network else { return [] }
        let through = network.gateway.map { "\(network.via) through \($0)" }
        let way = through.map { " by \($0)" } ?? ""
        let mode =
            facts.device != nil ? "packets" : facts.isEager ? "eager connections" : "connections"
        let from = facts.isRunning ? "dvpnctl status" : "the configuration"
        func step(
            _ result: DoctorReport.Result, _ text: String, code: String? = nil, fix: String? = nil
        ) -> [Step] {
            [Step("tunnel", result, text, from: from, code: code, fix: fix)]
        }
        func well(_ result: DoctorReport.Result, _ text: String) -> [Step] {
            step(result, "\(text)\(way); it carries \(mode)") + lastError(network, from)
        }
        func failed(_ text: String) -> [Step] {
            let why = network.lastError?.text ?? network.reason
            let aside = through.map { " (\($0))" } ?? ""
            return step(
                .error, "\(text)\(aside): \(why)",
                code: network.lastError?.code ?? FindingCode.dialSlow.rawValue,
                fix: Remedy.of(network))
        }
        switch network.state {
        case .up, .draining:
            if let symptom = symptom(facts) {
                return step(
                    symptom.isObstacle ? .error : .warning, "it is up\(way), but \(symptom.text)",
                    code: symptom.code, fix: symptom.fix(network.name))
            }
            let user = network.keptUpBy.map { ", kept up by \($0)" } ?? ""
            return well(.ok, "it is up: \(network.reason)\(user)")
        case .routed: return well(.ok, "it needs no tunnel")
        case .released:
            let fix = "`dvpnctl resume \(network.name)` ends that"
            return step(
                .warning, "it is released: the host's own routes decide; \(fix)",
                code: FindingCode.released.rawValue)
        case .dialling, .cleaning:
            if let asks = network.asks {
                return step(
                    .warning, "it asks for something: \(asks)", code: FindingCode.asks.rawValue,
                    fix: "dvpnctl login \(network.name)")
            }
            if let attempt = facts.attempt, attempt.failure != nil {
                return failed("it is still being dialled after \(attempt.milliseconds) ms")
            }
            if network.state == .cleaning, facts.hasFailed { return failed("its last dial failed") }
            return well(.notice, "it is being dialled: \(network.reason)")
        case .idle where network.heldDown == true:
            return step(
                .warning, "it is held down; `dvpnctl up \(network.name)` lets it dial",
                code: FindingCode.heldDown.rawValue)
        case .idle where facts.hasFailed: return failed("its last dial failed")
        case .idle where symptom(facts) != nil:
            let text = symptom(facts).map(\.text) ?? ""
            return step(
                .warning, "it is idle; when it was up last \(text)", code: symptom(facts)?.code,
                fix: symptom(facts)?.fix(network.name))
        case .idle where !facts.isRunning: return well(.notice, "nothing dials it now")
        case .idle: return well(.ok, "it is idle; the first packet dials")
        case .holdoff:
            return failed("it failed, and the next packet\(retry(facts)) dials again")
        case .locked: return failed("it is locked")
        }
    }

    private static func retry(_ facts: ExplainFacts) -> String {
        guard let seconds = facts.retrySeconds, let at = facts.network?.nextRetry else {
            return ""
        }
        return seconds == 0 ? "" : " after \(seconds) s, at \(at.formatted(.iso8601)),"
    }

    /// What went wrong before, and does not stand in the way now.
    private static func lastError(_ network: NetworkReport, _ from: String) -> [Step] {
        network.lastError.map { error in
            [
                Step(
                    "last-error", .notice,
                    "at \(error.at.formatted(.iso8601)): \(error.text) (\(error.code))", from: from)
            ]
        } ?? []
    }

    /// A connection that was made is the better witness: what the gateway refused was another one.
    static func symptom(_ facts: ExplainFacts) -> TunnelSymptom? {
        guard let symptom = facts.symptom else { return nil }
        return symptom.isObstacle && facts.hasConnected ? nil : symptom
    }
}
