internal import Protocol
internal import Reports

/// Where the kernel sends packets to the address, now: rule, route, reverse path.
extension Explanation {
    /// Which rule leads to the table whose route is taken.
    static func rule(_ facts: ExplainFacts) -> [Step] {
        guard facts.network != nil || !facts.mistakes.isEmpty,
            let route = facts.route, route.device != nil, !facts.rules.isEmpty,
            let text = facts.address, let (address, family) = Address.parse(text)
        else { return [] }
        let from = "ip -\(family.rawValue) rule"
        let missing = wantedRules(facts).filter { preference in
            !facts.rules.contains { $0.isOurs && $0.preference == preference }
        }
        guard missing.isEmpty else {
            let names = missing.map { "\($0)" }.joined(separator: " and ")
            return [
                Step(
                    "rule", facts.isRunning ? .error : .notice, "dvpn's rule \(names) is not there",
                    from: from, code: .ruleMissing, fix: "dvpnctl reload puts it back")
            ]
        }
        func led(to table: String, mark: UInt32 = 0) -> (text: String, isForeign: Bool) {
            let rule = PolicyRule.leading(
                to: table, among: facts.rules, address, family, mark: mark)
            guard let rule else { return ("a rule that dvpn cannot tell leads to \(table)", false) }
            let isKernels = ["local", "main", "default"].contains(table)
            return (
                "rule \(rule.preference) (\(rule.selector)) leads to table \(table)",
                !rule.isOurs && !isKernels
            )
        }
        let plain = led(to: route.table)
        var sentence = "\(plain.text)\(plain.isForeign ? ", and is not dvpn's" : "")"
        if let marked = facts.marked, marked.device != nil {
            let value = String(HostNames.mark, radix: 16)
            sentence += "; a connection's first packet is marked 0x\(value): "
            sentence += led(to: marked.table, mark: HostNames.mark).text
        }
        return [Step("rule", plain.isForeign ? .notice : .ok, sentence, from: from)]
    }

    /// Preferences of dvpn's rules that decide over the address.
    private static func wantedRules(_ facts: ExplainFacts) -> [Int] {
        guard let network = facts.network, network.state != .released else { return [] }
        var wanted = network.state == .routed ? [] : [Int(HostNames.privatePreference)]
        if facts.expectedSets.contains(.steered) { wanted.append(Int(HostNames.bellPreference)) }
        return wanted
    }

    static func route(_ facts: ExplainFacts) -> [Step] {
        guard facts.network != nil || !facts.mistakes.isEmpty, let address = facts.address else {
            return []
        }
        let from = "ip route get \(address)"
        guard let route = facts.route else {
            return [
                Step(
                    "route", .error, "the kernel has no way to \(address)", from: from,
                    code: .routeMissing, fix: "dvpnctl reload puts dvpn's routes back")
            ]
        }
        guard let device = route.device else {
            return [
                Step(
                    "route", facts.isRunning ? .error : .notice,
                    "the kernel answers \"unreachable\": the doorbell is not there", from: from,
                    code: .doorbellMissing, fix: "dvpnctl reload makes it anew")
            ]
        }
        let first =
            facts.marked.flatMap { marked in
                marked.device.map { ", a connection's first one to \($0) (table \(marked.table))" }
            } ?? ""
        let text = "packets go to \(device) (table \(route.table))\(first)"
        let isOurs = HostNames.isOurs(device) || device == facts.device
        let isDirect = [.routed, .released].contains(facts.network?.state)
        if isOurs || isDirect || !facts.mistakes.isEmpty {
            return [Step("route", .ok, text, from: from)]
        }
        guard facts.isRunning else {
            return [
                Step("route", .notice, "\(text): dvpn's own is there while it runs", from: from)
            ]
        }
        if facts.isGateway {
            return [
                Step(
                    "route", .ok, "\(text): a gateway is reached outside of its tunnel", from: from)
            ]
        }
        if facts.isExempt {
            let finding = HostFinding(
                code: .subnetOverlap,
                message:
                    "\(text): the LAN has a subnet there, which comes before the private prefix")
            return [
                Step(
                    "route", .warning, finding.message, from: from, code: finding.code.rawValue,
                    fix: finding.fix)
            ]
        }
        let preference = Address.parse(address).flatMap { parsed in
            PolicyRule.leading(to: route.table, among: facts.rules, parsed.address, parsed.family)?
                .preference
        }
        let rule = preference.map { "its rule \($0)" } ?? "its rule"
        return [
            Step(
                "route", .error,
                "\(text), which is not dvpn's: somebody else's route or rule comes first",
                from: from, code: .routeOverlap,
                fix: "take \(address) out of the other VPN's routes, or \(rule) away: ip rule; "
                    + "ip route show table \(route.table)")
        ]
    }

    /// dvpn relaxes it when it starts.
    static func reversePath(_ facts: ExplainFacts) -> [Step] {
        guard facts.isRunning, facts.network != nil, let complaint = facts.strictPath else {
            return []
        }
        return [
            Step(
                "reverse-path", .error, complaint, from: "/proc/sys/net", code: .reversePathStrict,
                fix: ReversePath.fix)
        ]
    }
}
