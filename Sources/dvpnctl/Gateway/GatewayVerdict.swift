internal import Reports

/// What the facts about a gateway mean. Pure.
enum GatewayVerdict {
    typealias Finding = GatewayCheckReport.Finding

    static func findings(_ facts: GatewayFacts, kind: FarSide.Kind) -> [Finding] {
        var findings: [Finding] = []
        if let defect = facts.keyFileDefect {
            findings.append(Finding(grade: .open, text: "the key file: \(defect)"))
        } else {
            findings.append(Finding(grade: .closed, text: "the key file is nobody else's"))
        }
        findings.append(hostKeys(facts.hostKeys))
        findings += shell(facts)
        findings.append(answer(facts.pty, "a pty"))
        findings.append(answer(facts.agent, "agent forwarding"))
        findings.append(answer(facts.x11, "X11 forwarding"))
        findings.append(answer(facts.tunnel, "a tunnel device (-w)"))
        findings.append(answer(facts.sftp, "sftp"))
        findings.append(answer(facts.remotePort, "a listener on the gateway (-R)"))
        findings.append(answer(facts.remoteSocket, "a listening Unix socket there (-R)"))
        findings.append(answer(facts.localSocket, "the gateway's Unix sockets (-L)"))
        findings += reach(facts, kind)
        if kind == .jail, !facts.jailAnswers, facts.shellWays.isEmpty {
            findings.append(
                Finding(
                    grade: .broken,
                    text: "the jail does not answer: sshd starts nothing in a chroot that others "
                        + "than root may write, and none without its program"))
        }
        if let last = facts.endedAt {
            findings.append(
                Finding(grade: .broken, text: "the gateway ended the conversation at: \(last)"))
        }
        for hole in facts.inspection ?? [] {
            findings.append(Self.hole("on the gateway: \(hole)"))
        }
        if facts.inspection == [] {
            findings.append(Finding(grade: .closed, text: "files and rules are as set up"))
        }
        return findings
    }

    static func isClosed(_ findings: [Finding]) -> Bool {
        findings.allSatisfy { $0.grade != .open && $0.grade != .broken }
    }

    static func text(_ report: GatewayCheckReport) -> String {
        let prefixes = report.prefixes.joined(separator: " ")
        return "\(report.gateway) for \(prefixes), far-end \(report.farEnd)\n"
            + report.findings.map { finding in
                let word = word(finding.grade)
                return word + String(repeating: " ", count: 8 - word.count) + finding.text + "\n"
            }.joined()
    }

    private static func word(_ grade: GatewayCheckReport.Grade) -> String {
        switch grade {
        case .closed: "ok"
        case .open: "OPEN"
        case .broken: "BROKEN"
        case .unknown: "?"
        }
    }

    private static func hostKeys(_ facts: HostKeyFacts) -> Finding {
        func list(_ prints: [HostKeyFacts.Print]) -> String {
            prints.map(\.text).joined(separator: ", ")
        }
        if facts.recorded.isEmpty && facts.hasAuthority {
            return Finding(grade: .unknown, text: "cannot tell: its host key; an authority vouches")
        }
        if facts.recorded.isEmpty {
            return Finding(
                grade: .broken,
                text: "no host key of it is recorded here; shown: \(list(facts.shown)). "
                    + "dvpnctl gateway pin records it")
        }
        if facts.shown.isEmpty {
            return Finding(grade: .unknown, text: "cannot tell: its host key; it showed none")
        }
        guard facts.differ else {
            return Finding(grade: .closed, text: "its host key is the recorded one")
        }
        return Finding(
            grade: .open,
            text: "it shows ANOTHER host key: set up anew, or somebody is in between. Recorded: "
                + "\(list(facts.recorded)); shown: \(list(facts.shown)). Once you know why: "
                + "dvpnctl gateway pin --replace")
    }

    private static func shell(_ facts: GatewayFacts) -> [Finding] {
        guard !facts.shellWays.isEmpty else {
            return [
                facts.isShellTried
                    ? Finding(grade: .closed, text: "no shell, and no command of ours is run")
                    : Finding(grade: .unknown, text: "cannot tell: a shell, or a command of ours")
            ]
        }
        var findings = [hole("a shell: \(facts.shellWays.joined(separator: ", "))")]
        if !facts.writable.isEmpty {
            let places = facts.writable.joined(separator: " ")
            findings.append(hole("what that shell can write: \(places)"))
        }
        return findings
    }

    /// What a gateway grants and should not.
    private static func hole(_ text: String) -> Finding {
        Finding(grade: .open, text: "\(text); dvpnctl gateway setup closes it")
    }

    private static func answer(_ answer: GatewayFacts.Answer, _ what: String) -> Finding {
        switch answer {
        case .granted: hole(what)
        case .refused: Finding(grade: .closed, text: "no: \(what)")
        case .unknown: Finding(grade: .unknown, text: "cannot tell: \(what)")
        }
    }

    /// The way that the user has been given must reach the prefixes and nothing else, the other one
    /// nothing at all.
    private static func reach(_ facts: GatewayFacts, _ kind: FarSide.Kind) -> [Finding] {
        let isForward = kind == .forward
        let (own, other) =
            isForward ? (facts.forwards, facts.netcats) : (facts.netcats, facts.forwards)
        let name = isForward ? "a forward" : "netcat"
        let otherName = isForward ? "netcat" : "a forward"
        return own.map { inOwnWay($0, name) }
            + other.compactMap { attempt in
                attempt.outcome == .opened ? hole("\(otherName) to \(attempt.target)") : nil
            }
    }

    private static func inOwnWay(_ attempt: GatewayFacts.Attempt, _ name: String) -> Finding {
        let target = attempt.target
        switch (attempt.isInside, attempt.outcome) {
        case (true, .prohibited):
            return Finding(grade: .broken, text: "\(name) to \(target) is prohibited")
        case (true, .failed(let words)) where isBarred(words):
            return Finding(
                grade: .unknown, text: "\(name) to \(target): \(words); by the rules, or in truth")
        case (true, .opened), (true, .failed), (true, .pending):
            return Finding(grade: .closed, text: "\(name) to \(target) is tried, as it should be")
        case (false, .opened):
            return hole("\(name) to \(target), outside of the prefixes")
        case (false, .prohibited):
            return Finding(grade: .closed, text: "no: \(name) to \(target)")
        case (false, .failed(let words)) where isBarred(words):
            return Finding(grade: .closed, text: "no: \(name) to \(target)")
        case (false, .failed(let words)):
            // Refused by nobody's listening: it got there.
            return hole("\(name) to \(target), outside of the prefixes, is tried (\(words))")
        case (false, .pending):
            return Finding(grade: .unknown, text: "\(name) to \(target): no answer")
        }
    }

    /// What connect(2) says on the gateway when nftables rejects a packet as prohibited.
    private static func isBarred(_ words: String) -> Bool {
        ["No route to host", "Permission denied", "Network is unreachable", "open failed"]
            .contains { words.contains($0) }
    }
}
