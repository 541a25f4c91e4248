internal import Protocol

/// Reads back what is there of ours and compares it with the plan; changes nothing.
struct HostInspection {
    let host: any HostSystem
    let runtimeDirectory: String
    var tunnels = OpenTunnels()

    func routes(_ family: Family) async throws(HostError) -> [HostRoute] {
        let arguments = [
            "-json", "-\(family.rawValue)", "route", "show", "table", "all", "proto",
            "\(HostNames.routeProtocol)",
        ]
        return try RouteListing.parse(try await host.run(.ip, arguments, input: ""), family)
    }

    func rules(_ family: Family) async throws(HostError) -> [HostRule] {
        let arguments = ["-json", "-\(family.rawValue)", "rule", "show"]
        return try RuleListing.parse(try await host.run(.ip, arguments, input: ""), family)
    }

    /// One of our tables; nil where it is not there.
    func listing(_ table: String) async throws(HostError) -> RulesetListing? {
        let tables = try await host.run(.nft, ["list", "tables", "inet"], input: "")
        guard tables.split(separator: "\n").contains("table inet \(table)") else { return nil }
        return RulesetListing(
            try await host.run(.nft, ["--stateless", "list", "table", "inet", table], input: ""))
    }

    /// Both tables as they are, reduced to a name for their content; nil where one is not there.
    func tablesFingerprint() async throws(HostError) -> String? {
        guard let steering = try await listing(HostNames.steering),
            let guarding = try await listing(HostNames.guarding)
        else { return nil }
        return Self.fingerprint([steering, guarding])
    }

    static func fingerprint(_ listings: [RulesetListing]) -> String {
        listings.map(\.fingerprint).joined(separator: " ")
    }

    /// True where the plan's script was the last that was applied and nobody touched the tables
    /// since.
    func tablesMatch(_ plan: HostPlan) async throws(HostError) -> Bool {
        guard let tables = try HostRecord.load(runtimeDirectory).tables,
            tables.script == Fingerprint.text(plan.script)
        else { return false }
        return try await tables.listing == tablesFingerprint()
    }

    /// Everything that differs, by kind, from what `input` means on the host as it is now: a new
    /// address on a LAN interface may ask for another route, too.
    func findings(_ input: HostInput) async throws(HostError) -> [HostFinding] {
        let survey = try await HostSurvey.take(host, input, open: tunnels.devices)
        let plan = HostPlan(survey.input)
        var findings: [HostFinding] = survey.settings.changes.map { change in
            HostFinding(
                code: .settingChanged,
                message: "net/\(change.key) is \(change.was) again; dvpn needs \(change.now)")
        }
        let device = DevicePlan.decide(survey.links, ipv6: survey.input.ipv6)
        if device != .adopt([]) {
            findings.append(changed(.deviceChanged, "The device \(HostNames.device)"))
        }
        for family in host.families {
            let there = try await routes(family)
            let desired = plan.routes + tunnels.routes(plan, survey.links, there)
            if !RoutingChange.routes(family, desired: desired, actual: there).isEmpty {
                findings.append(changed(.routesChanged, "A route of dvpn's (\(family))"))
            }
            let rules = try await rules(family)
            if !RoutingChange.rules(family, desired: plan.rules, actual: rules).isEmpty {
                findings.append(changed(.rulesChanged, "A routing rule of dvpn's (\(family))"))
            }
        }
        if try await !tablesMatch(plan) {
            findings.append(changed(.tableChanged, "An nftables table of dvpn's"))
        }
        return findings
    }

    private func changed(_ code: HostFinding.Code, _ what: String) -> HostFinding {
        HostFinding(code: code, message: "\(what) was changed or removed by another program")
    }
}
