internal import Protocol
internal import Reports

/// What the kernel has for the address, now: rule, route, nftables, settings.
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

    /// The entries by which a connection comes to the dataplane, and the sets that decide it.
    static func redirection(_ facts: ExplainFacts) -> [Step] {
        guard let address = facts.address, facts.network?.state != .released,
            facts.network != nil || !facts.mistakes.isEmpty
        else { return [] }
        let table = "inet \(HostNames.steering)"
        guard let found = facts.redirection else {
            return [notAsked("redirect", "nft list table \(table)")]
        }
        let bad: DoctorReport.Result = facts.isRunning ? .error : .notice
        guard found.missing.isEmpty else {
            let chains = found.missing.joined(separator: " and ")
            return [
                Step(
                    "redirect", bad, "\(chains) has no entry that redirects to dvpn's port",
                    from: "nft list table \(table)", code: .redirectMissing,
                    fix: "dvpnctl reload puts it back")
            ]
        }
        let number = facts.family.rawValue
        func names(_ sets: [Redirection.Membership]) -> String {
            sets.map { "\($0.rawValue)\(number)" }.joined(separator: ", ")
        }
        if found.isBlocked, let port = facts.port {
            return [
                Step(
                    "redirect", .error, "port \(port) is refused there: it is one of `block-ports`",
                    from: "nft list set \(table) blocked\(number)", code: .portBlocked,
                    fix: "take it out of `block-ports` of network \(facts.network?.name ?? "")")
            ]
        }
        // What is a gateway's or a LAN's is in no set, and not guarded either.
        let isPlain = facts.isGuarded == true || facts.network?.state == .routed
        let missing = facts.expectedSets.filter { !found.sets.contains($0) }
        guard missing.isEmpty || !isPlain else {
            return [
                Step(
                    "redirect", bad, "\(address) is not in \(names(missing))",
                    from: "nft list set \(table) \(names([missing[0]]))", code: .setMissing,
                    fix: "dvpnctl reload puts it back")
            ]
        }
        let how =
            found.sets.isEmpty
            ? "no set has it, so that its route decides" : "in set \(names(found.sets))"
        if found.sets.contains(.routed) {
            return [
                Step(
                    "redirect", .ok, "its TCP is routed, not redirected: \(how)",
                    from: "nft list table \(table)")
            ]
        }
        // This host's own: IPv4 comes back out of the doorbell, and IPv6 out of a raw socket.
        let chain =
            facts.isEager
            ? Redirection.eagerChain : Redirection.chains[facts.family == .ipv4 ? 0 : 1]
        let entry = found.entries[chain]?.first ?? ""
        return [
            Step(
                "redirect", .ok, "its TCP comes to dvpn's port \(HostNames.port): \(how)",
                from: "nft list chain \(table) \(chain): \(entry)")
        ]
    }

    static func guards(_ facts: ExplainFacts) -> [Step] {
        guard facts.address != nil, ![.routed, .released].contains(facts.network?.state),
            facts.network != nil || (!facts.mistakes.isEmpty && facts.isGuarded == true)
        else { return [] }
        let from = "nft list table inet \(HostNames.guarding)"
        switch facts.isGuarded {
        case true?:
            return [Step("guard", .ok, "no packet to it leaves in the clear", from: from)]
        case nil: return [notAsked("guard", from)]
        case false?:
            return [
                Step(
                    "guard", .error, "nothing keeps its packets from leaving in the clear",
                    from: from, code: .guardMissing, fix: "dvpnctl reload puts it back")
            ]
        }
    }

    private static func notAsked(_ what: String, _ command: String) -> Step {
        Step(
            what, .notice, "nftables tells this to root only", from: command,
            code: .featureUnknown, fix: "run it as root: sudo dvpnctl explain")
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
