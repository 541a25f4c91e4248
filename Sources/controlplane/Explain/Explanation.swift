internal import Protocol
internal import Reports

/// From facts to the steps that a connection takes. Pure.
enum Explanation {
    typealias Step = ExplainReport.Step

    static func report(_ facts: ExplainFacts) -> ExplainReport {
        let target = facts.port.map { "\(facts.host):\($0)" } ?? facts.host
        return ExplainReport(
            target: target,
            steps: running(facts) + name(facts) + address(facts) + network(facts) + tunnel(facts)
                + route(facts) + guards(facts) + attempt(facts))
    }

    private static func running(_ facts: ExplainFacts) -> [Step] {
        guard !facts.isRunning else { return [] }
        return [
            Step(
                "dvpn", .error,
                "dvpn is not running: nothing dials, and private addresses lead nowhere",
                from: "systemctl start dvpn.target", code: "running")
        ]
    }

    private static func name(_ facts: ExplainFacts) -> [Step] {
        guard facts.isName else { return [] }
        let asked = facts.nameservers.isEmpty ? "nobody" : facts.nameservers.joined(separator: ", ")
        let plain = Step(
            "resolver", facts.nameservers.isEmpty ? .error : .ok, "this host asks \(asked)",
            from: ResolverFile.path)
        guard let domain = facts.domain else { return [plain, noZone(facts)] }
        let resolver =
            facts.elsewhere.map { why in
                Step(
                    "resolver", .error, "this host asks \(asked): \(why)", from: ResolverFile.path,
                    code: NameFinding.Code.resolverElsewhere.rawValue,
                    fix: "set [dns] (docs/names.md), and see that nothing else writes "
                        + ResolverFile.path)
            } ?? plain
        return [
            resolver,
            Step(
                "zone", .ok, "\(domain.domain) is asked through network \(domain.network)",
                from: domain.source),
        ]
    }

    /// A name that public servers know is public; another one may have been meant to be private.
    private static func noZone(_ facts: ExplainFacts) -> Step {
        let text = "\(facts.host) is in no private domain: public servers are asked"
        let from = "`domains` of all networks"
        guard facts.isLookedUp, facts.address == nil else {
            return Step("zone", .notice, text, from: from)
        }
        let fix =
            facts.meant.map {
                "network \($0.network) has \($0.domain) (\($0.source)): is one of the two misspelt?"
            } ?? "if it is private, add its domain to `domains` of its network"
        return Step("zone", .error, text, from: from, code: "zone-missing", fix: fix)
    }

    private static func address(_ facts: ExplainFacts) -> [Step] {
        guard facts.isName else { return [] }
        guard facts.isLookedUp else {
            return [
                Step(
                    "address", .notice,
                    "\(facts.host) is not looked up without --try: to ask for it may dial",
                    from: "dvpnctl explain")
            ]
        }
        guard let address = facts.address else {
            let fix =
                facts.domain != nil && facts.elsewhere == nil
                ? "ask by hand: dig \(facts.host); does a server of the network know it, and does its "
                    + "tunnel come up? (dvpnctl status)" : nil
            return [
                Step(
                    "address", .error, "\(facts.host) has no address, or nobody answered",
                    from: "getaddrinfo(3)", code: "address-missing", fix: fix)
            ]
        }
        return [Step("address", .ok, "\(facts.host) is \(address)", from: "getaddrinfo(3)")]
    }

    private static func network(_ facts: ExplainFacts) -> [Step] {
        guard let address = facts.address else { return [] }
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

    private static func tunnel(_ facts: ExplainFacts) -> [Step] {
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
            step(result, "\(text)\(way); it carries \(mode)")
        }
        func failed(_ text: String) -> [Step] {
            let why = network.lastError?.text ?? network.reason
            let aside = through.map { " (\($0))" } ?? ""
            return step(
                .error, "\(text)\(aside): \(why)", code: network.lastError?.code ?? "dial-slow",
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
                .warning, "it is released: the host's own routes decide; \(fix)", code: "released")
        case .dialling, .cleaning:
            if let asks = network.asks {
                return step(
                    .warning, "it asks for something: \(asks)", code: "asks",
                    fix: "dvpnctl login \(network.name)")
            }
            if let attempt = facts.attempt, attempt.failure != nil {
                return failed("it is still being dialled after \(attempt.milliseconds) ms")
            }
            return well(.notice, "it is being dialled: \(network.reason)")
        case .idle where network.heldDown == true:
            return step(
                .warning, "it is held down; `dvpnctl up \(network.name)` lets it dial",
                code: "held-down")
        case .idle where facts.hasFailed: return failed("its last dial failed")
        case .idle: return well(.ok, "it is idle; the first packet dials")
        case .holdoff:
            let time = facts.retrySeconds.map { $0 == 0 ? "now" : "in \($0) s" } ?? "later"
            return failed("it failed and is tried again \(time)")
        case .locked: return failed("it is locked")
        }
    }

    /// A connection that was made is the better witness: what the gateway refused was another one.
    private static func symptom(_ facts: ExplainFacts) -> TunnelSymptom? {
        guard let symptom = facts.symptom else { return nil }
        return symptom.isObstacle && facts.hasConnected ? nil : symptom
    }

    private static func route(_ facts: ExplainFacts) -> [Step] {
        guard facts.network != nil, let address = facts.address else { return [] }
        let from = "ip route get \(address)"
        guard let route = facts.route else {
            return [
                Step(
                    "route", .error, "the kernel has no way to \(address)", from: from,
                    code: "route-missing", fix: "dvpnctl reload puts dvpn's routes back")
            ]
        }
        guard let device = route.device else {
            return [
                Step(
                    "route", facts.isRunning ? .error : .notice,
                    "the kernel answers \"unreachable\": the doorbell is not there", from: from,
                    code: "doorbell-missing", fix: "dvpnctl reload makes it anew")
            ]
        }
        let isOurs = HostNames.isOurs(device) || device == facts.device
        let isDirect = facts.network?.state == .routed
        if isOurs || isDirect {
            return [
                Step("route", .ok, "packets go to \(device) (table \(route.table))", from: from)
            ]
        }
        return [
            Step(
                "route", .error,
                "packets go to \(device) (table \(route.table)), which is not dvpn's: somebody else's "
                    + "route or rule comes first", from: from, code: "route-overlap",
                fix: "take \(address) out of the other VPN's routes, or its rule away: ip rule; "
                    + "ip route show table \(route.table)")
        ]
    }

    private static func guards(_ facts: ExplainFacts) -> [Step] {
        guard let network = facts.network, network.state != .routed, facts.address != nil else {
            return []
        }
        let from = "nft list table inet \(HostNames.guarding)"
        if facts.isGuarded {
            return [Step("guard", .ok, "no packet to it leaves in the clear", from: from)]
        }
        return [
            Step(
                "guard", .error, "nothing keeps its packets from leaving in the clear", from: from,
                code: "guard-missing", fix: "dvpnctl reload puts it back")
        ]
    }

    private static func attempt(_ facts: ExplainFacts) -> [Step] {
        guard let attempt = facts.attempt, let port = facts.port else { return [] }
        let from = "connect(2) to port \(port), from this host"
        guard let failure = attempt.failure else {
            return [Step("try", .ok, "connected after \(attempt.milliseconds) ms", from: from)]
        }
        let isTunnelWell = symptom(facts) == nil && [.up, .routed].contains(facts.network?.state)
        return [
            Step(
                "try", .error, "\(failure) after \(attempt.milliseconds) ms", from: from,
                code: "connection-failed",
                fix: isTunnelWell
                    ? "the way there is well: look at \(facts.host) itself, and at firewalls on the "
                        + "gateway's side" : nil)
        ]
    }
}
