internal import Protocol
internal import Reports

/// What nftables has for the address, now: redirection, sets and the guard.
extension Explanation {
    /// The entries by which a connection comes to the dataplane, and the sets that decide it.
    static func redirection(_ facts: ExplainFacts) -> [Step] {
        guard let address = facts.address, facts.network?.state != .released, !facts.isExempt,
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
        guard facts.address != nil, !facts.isExempt,
            ![.routed, .released].contains(facts.network?.state),
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
}
