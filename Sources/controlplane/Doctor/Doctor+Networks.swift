internal import Reports

/// What a running controlplane knows of its networks, and of itself.
extension Doctor {
    static func networks(_ facts: DoctorFacts) -> [Check] {
        facts.stuck.map { network in
            let error = network.lastError
            let text = error.map { "\($0.text) (\($0.code))" } ?? network.reason
            let code: FindingCode =
                switch network.state {
                case .locked: .networkLocked
                case .holdoff: .networkHoldoff
                default: .networkFailed
                }
            return Check(
                code, code == .networkLocked ? .error : .warning,
                "network \(network.name): \(text)", fix: Remedy.of(network))
        }
            + facts.asking.sorted { $0.key < $1.key }.map { network, prompt in
                Check(
                    .asks, .warning, "network \(network) asks for something: \(prompt)",
                    fix: "dvpnctl login \(network)")
            }
            + facts.heldDown.map { name in
                Check(
                    .heldDown, .notice, "network \(name) is held down: no packet dials it",
                    fix: "dvpnctl up \(name)")
            }
    }

    static func symptoms(_ facts: DoctorFacts) -> [Check] {
        facts.symptoms.sorted { $0.key < $1.key }.map { network, symptom in
            Check(
                symptom.code, .warning, "network \(network): \(symptom.text)",
                fix: symptom.fix(network))
        }
    }

    static func health(_ facts: DoctorFacts) -> [Check] {
        facts.health.map { message in
            let result: DoctorReport.Result =
                switch message.severity {
                case .notice: .notice
                case .warning: .warning
                case .error: .error
                }
            return Check(message.code, result, message.text, fix: message.fix)
        }
    }
}
