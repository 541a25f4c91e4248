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
                from: "systemctl start dvpn.target")
        ]
    }

    private static func name(_ facts: ExplainFacts) -> [Step] {
        guard facts.isName else { return [] }
        let asked = facts.nameservers.isEmpty ? "nobody" : facts.nameservers.joined(separator: ", ")
        let resolver = Step(
            "resolver", facts.nameservers.isEmpty ? .error : .ok, "this host asks \(asked)",
            from: ResolverFile.path)
        guard let domain = facts.domain else {
            return [
                resolver,
                Step(
                    "zone", .notice, "\(facts.host) is in no private domain: public servers answer",
                    from: "`domains` of all networks"),
            ]
        }
        return [
            resolver,
            Step(
                "zone", .ok, "\(domain.domain) is asked through network \(domain.network)",
                from: domain.source),
        ]
    }

    private static func address(_ facts: ExplainFacts) -> [Step] {
        guard facts.isName else { return [] }
        guard let address = facts.address else {
            return [
                Step(
                    "address", .error, "\(facts.host) has no address, or nobody answered",
                    from: "getaddrinfo(3)")
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
        let way = network.gateway.map { " by \(network.via) through \($0)" } ?? ""
        let mode =
            facts.device != nil ? "packets" : facts.isEager ? "eager connections" : "connections"
        let from = facts.isRunning ? "dvpnctl status" : "the configuration"
        func step(_ result: DoctorReport.Result, _ text: String) -> [Step] {
            [Step("tunnel", result, "\(text)\(way); it carries \(mode)", from: from)]
        }
        let why = network.lastError.map { "\($0.text) (\($0.code))" } ?? network.reason
        switch network.state {
        case .up, .draining: return step(.ok, "it is up: \(network.reason)")
        case .routed: return step(.ok, "it needs no tunnel")
        case .released:
            return step(
                .warning,
                "it is released: the host's own routes decide; `dvpnctl resume \(network.name)` ends that"
            )
        case .dialling, .cleaning:
            if let asks = network.asks { return step(.warning, "it asks for something: \(asks)") }
            return step(.notice, "it is being dialled: \(network.reason)")
        case .idle where network.heldDown == true:
            return step(.warning, "it is held down; `dvpnctl up \(network.name)` lets it dial")
        case .idle: return step(.ok, "it is idle; the first packet dials")
        case .holdoff: return step(.error, "it failed and is tried again later: \(why)")
        case .locked:
            return step(.error, "it is locked until `dvpnctl unlock \(network.name)`: \(why)")
        }
    }

    private static func route(_ facts: ExplainFacts) -> [Step] {
        guard facts.network != nil, let address = facts.address else { return [] }
        let from = "ip route get \(address)"
        guard let route = facts.route else {
            return [Step("route", .error, "the kernel has no way to \(address)", from: from)]
        }
        guard let device = route.device else {
            return [
                Step(
                    "route", facts.isRunning ? .error : .notice,
                    "the kernel answers \"unreachable\": the doorbell is not there", from: from)
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
                    + "route or rule comes first", from: from)
        ]
    }

    private static func guards(_ facts: ExplainFacts) -> [Step] {
        guard let network = facts.network, network.state != .routed else { return [] }
        let from = "nft list table inet \(HostNames.guarding)"
        if facts.isGuarded {
            return [Step("guard", .ok, "no packet to it leaves in the clear", from: from)]
        }
        return [
            Step("guard", .error, "nothing keeps its packets from leaving in the clear", from: from)
        ]
    }

    private static func attempt(_ facts: ExplainFacts) -> [Step] {
        guard let attempt = facts.attempt, let port = facts.port else { return [] }
        let from = "connect(2) to port \(port), from this host"
        guard let failure = attempt.failure else {
            return [Step("try", .ok, "connected after \(attempt.milliseconds) ms", from: from)]
        }
        return [Step("try", .error, "\(failure) after \(attempt.milliseconds) ms", from: from)]
    }
}
