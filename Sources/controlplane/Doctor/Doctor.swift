internal import Reports

/// From facts to what a person should know and do. Pure.
enum Doctor {
    typealias Check = DoctorReport.Check

    static func report(_ facts: DoctorFacts) -> DoctorReport {
        DoctorReport(
            checks: running(facts) + mistakes(facts) + networks(facts) + symptoms(facts)
                + health(facts) + kernel(facts) + tools(facts) + features(facts) + names(facts)
                + forwarding(facts) + reversePaths(facts) + routes(facts) + conntrack(facts)
                + clock(facts) + drops(facts))
    }

    private static func running(_ facts: DoctorFacts) -> [Check] {
        if facts.isRunning { return [Check(.running, .ok, "dvpn is running")] }
        var checks = [
            Check(
                .running, .error, "dvpn is not running",
                fix: "systemctl start dvpn.target, then journalctl -u dvpn-controlplane")
        ]
        if !facts.leftovers.isEmpty {
            checks.append(
                Check(
                    .leftoverState, .warning,
                    "still there of it: \(facts.leftovers.joined(separator: ", ")); private "
                        + "addresses lead nowhere",
                    fix: "start dvpn again, or remove them: dvpnctl cleanup"))
        }
        return checks
    }

    private static func mistakes(_ facts: DoctorFacts) -> [Check] {
        facts.mistakes.map { mistake in
            Check(
                .configurationMistake, .error, "\(mistake.position): \(mistake.message)",
                fix: mistake.fix)
        }
    }
}

extension ConfigError {
    /// What a person can do about it; the mistake itself says most of it.
    var fix: String { hint ?? "mend it; with the line that it is in: dvpnctl check" }
}
