internal import Protocol

/// Brings the host's network into the wanted state, keeps account of it, and takes it all back.
///
/// Deciding is done by the pure types beside this one; here is only the order of things. Applying
/// starts from what is there, so that the first start, a reload, a repair and the start after a
/// crash are one operation: what is right already is left alone.
///
/// Calls may overlap; they are carried out one after another.
actor HostExecutor {
    let host: any HostSystem
    let runtimeDirectory: String
    private let deviceOwner: UInt32

    /// What was applied last; nil before.
    private(set) var current: (input: HostInput, plan: HostPlan)?

    var tunnels = OpenTunnels()

    /// What the last survey found, for a change that takes none.
    private var known: (links: [LinkListing], findings: [HostFinding]) = ([], [])

    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// - Parameters:
    ///   - runtimeDirectory: where `host.json` is; must exist.
    ///   - deviceOwner: the user who may open the doorbell's queues beside root: the dataplane's.
    init(
        runtimeDirectory: String, deviceOwner: UInt32, host: any HostSystem = LinuxHost()
    ) {
        self.runtimeDirectory = runtimeDirectory
        self.deviceOwner = deviceOwner
        self.host = host
    }

    /// Makes the host as `input` wants it, with as little as possible.
    ///
    /// `input.lanSubnets` and `input.ipv6` are found out here. A gateway that a tunnel of an
    /// earlier life is using must be in `input.gateways`. Open tunnels keep their routes, for the
    /// prefixes that `input` gives them; so do those of an earlier life until `openTunnel` or
    /// `closeTunnel` is called for them. Where nothing of dvpn's was there before and a step fails,
    /// the steps before it are taken back.
    func apply(_ input: HostInput) async throws(HostError) -> HostReport {
        await begin()
        defer { end() }
        return try await bring(input)
    }

    /// Tells the host which gateways tunnels are going to: before the tunnel's first packet, and
    /// again when it has ended. Costs nothing unless one is inside a tunnelled prefix.
    func setGateways(_ gateways: Set<Prefix>) async throws(HostError) {
        await begin()
        defer { end() }
        guard let (input, plan) = current, input.gateways != gateways else { return }
        var changed = input
        changed.gateways = gateways
        let news = gateways.symmetricDifference(input.gateways)
        guard news.contains(where: plan.isKnown) else { return current = (changed, plan) }
        try await move(to: changed)
    }

    /// Makes the host as `input` wants it, if it is still as it was left: what others have touched is
    /// the keeper's business. Costs what is other, and nothing where nothing is.
    func change(_ input: HostInput) async throws(HostError) -> HostReport {
        await begin()
        defer { end() }
        guard let (old, _) = current, old.lan == input.lan, old.tunnels == input.tunnels else {
            return try await bring(input)
        }
        var changed = input
        (changed.lanSubnets, changed.ipv6) = (old.lanSubnets, old.ipv6)
        guard changed != old else { return HostReport(findings: known.findings) }
        if changed.isLike(old), let plan = current?.plan {
            current = (changed, plan)
        } else {
            try await move(to: changed)
        }
        known.findings.removeAll { [.portTaken, .subnetOverlap].contains($0.code) }
        known.findings += PortFinding.findings(changed)
        known.findings += Overlap.findings(changed.networks, known.links)
        return HostReport(findings: known.findings)
    }

    /// From what was applied last to another plan.
    private func move(to input: HostInput) async throws(HostError) {
        guard let (_, old) = current else { return }
        let plan = HostPlan(input)
        let (desired, actual) = RoutingChange.different(plan.routes, old.routes)
        for family in host.families {
            try await host.runBatch(
                family, RoutingChange.routes(family, desired: desired, actual: actual))
        }
        if plan.sets != old.sets || plan.filters != old.filters || plan.users != old.users {
            try await write(plan, changing: plan.script(after: old))
        }
        current = (input, plan)
    }

    /// What is not as it was left: somebody else touches routes, rules, tables or settings.
    /// Applying again repairs all of it.
    func verify() async throws(HostError) -> [HostFinding] {
        await begin()
        defer { end() }
        guard let (input, _) = current else { return [] }
        return try await inspection.findings(input)
    }

    /// Applies again what was applied last. Nothing happens before the first `apply`.
    func repair() async throws(HostError) -> HostReport {
        await begin()
        defer { end() }
        guard let (input, _) = current else { return HostReport() }
        return try await bring(input)
    }

    /// Removes everything that is dvpn's and restores every setting that is still as dvpn left it.
    ///
    /// Needs no daemon and no configuration, and may be repeated. Every step is tried; the error is
    /// the first one's.
    func cleanup() async throws(HostError) {
        await begin()
        defer { end() }
        current = nil
        tunnels = OpenTunnels()
        try await removal.everything()
    }

    // MARK: - Applying, in this order

    private func bring(_ input: HostInput) async throws(HostError) -> HostReport {
        var report = HostReport()
        if let finding = KernelVersion.finding(release: host.kernelRelease) {
            report.findings.append(finding)
        }
        // Before anything is touched: without nftables there is no safe half of this.
        let tables = try await host.run(.nft, ["list", "tables", "inet"], input: "")
        tunnels.configured(input.tunnels, isFirst: current == nil)
        let survey = try await HostSurvey.take(host, input, open: tunnels.devices)
        report.findings += survey.findings
        let device = DevicePlan.decide(survey.links, ipv6: survey.input.ipv6)
        do {
            try await make(device, survey, &report)
            try await settle(survey, &report)
            try await steer(HostPlan(survey.input), survey, &report)
            known = (survey.links, report.findings)
        } catch {
            // Not where a guard stands since an earlier life: that must hold whatever else fails.
            // The first reason is the one to tell; what cannot be taken back either adds nothing.
            let isFirst = device == .create && HostRemoval.ours(in: tables).isEmpty
            if isFirst { try? await removal.everything() }
            throw error
        }
        return report
    }

    /// The doorbell, configured and up.
    private func make(
        _ device: DevicePlan, _ survey: HostSurvey, _ report: inout HostReport
    ) async throws(HostError) {
        var lines: [String] = []
        switch device {
        case .foreign(let reason):
            throw HostError(
                .foreignDevice,
                "There is a device \(HostNames.device) that dvpn did not make: "
                    + "\(reason). Rename or remove it: ip link delete \(HostNames.device).")
        case .create:
            try host.createDevice(owner: deviceOwner)
            lines = DevicePlan.lines(ipv6: survey.input.ipv6)
            report.changes.append("made \(HostNames.device)")
            report.isDeviceNew = true
        case .adopt(let missing):
            lines = missing
            if !missing.isEmpty { report.changes.append("configured \(HostNames.device)") }
        }
        // Before it is up, so that no packet of its own ever leaves it.
        for (key, value) in DevicePlan.settings(ipv6: survey.input.ipv6)
        where host.setting(key) != nil && host.setting(key) != value {
            try host.set(key, to: value)
        }
        try await host.runBatch(nil, lines)
    }

    /// Settings of other interfaces, each recorded before it is changed.
    private func settle(
        _ survey: HostSurvey, _ report: inout HostReport
    ) async throws(HostError) {
        report.findings += survey.settings.findings
        var record = try HostRecord.load(runtimeDirectory)
        let superseded = SysctlPlan.superseded(
            record.settings, lan: survey.input.lan, tunnels: Array(tunnels.devices),
            masquerade: survey.input.masquerade)
        try removal.restore(superseded)
        record.settings.removeAll { superseded.contains($0) }
        record.settings = SysctlPlan.merge(record.settings, survey.settings.changes)
        try record.save(runtimeDirectory)
        for change in survey.settings.changes {
            try host.set(change.key, to: change.now)
            report.changes.append("set net/\(change.key) from \(change.was) to \(change.now)")
        }
    }

    /// Routes, tables, rules. The rules come last because they are the switch: a packet that found
    /// routes but no tables would be tracked on its way to the doorbell, and lost on its way back.
    private func steer(
        _ plan: HostPlan, _ survey: HostSurvey, _ report: inout HostReport
    ) async throws(HostError) {
        for family in host.families {
            let count = try await changeRoutes(family, plan, survey)
            if count > 0 { report.changes.append("changed \(count) \(family) routes") }
        }
        if try await !inspection.tablesMatch(plan) {
            try await write(plan)
            report.changes.append("changed the nftables tables")
        }
        for family in host.families {
            let lines = RoutingChange.rules(
                family, desired: plan.rules, actual: try await inspection.rules(family))
            try await host.runBatch(family, lines)
            if !lines.isEmpty { report.changes.append("changed \(lines.count) \(family) rules") }
        }
        current = (survey.input, plan)
    }

    /// - Returns: how many were changed.
    private func changeRoutes(
        _ family: Family, _ plan: HostPlan, _ survey: HostSurvey
    ) async throws(HostError) -> Int {
        do {
            return try await changeRoutes(family, plan, survey.links)
        } catch  where !survey.tunnels.isEmpty {
            // A tunnel's device may go at any moment, and its routes with it.
            return try await changeRoutes(family, plan, try await HostSurvey.links(host))
        }
    }

    private func changeRoutes(
        _ family: Family, _ plan: HostPlan, _ links: [LinkListing]
    ) async throws(HostError) -> Int {
        let actual = try await inspection.routes(family)
        let desired = plan.routes + tunnels.routes(plan, links, actual)
        let lines = RoutingChange.routes(family, desired: desired, actual: actual)
        try await host.runBatch(family, lines)
        return lines.count
    }

    var inspection: HostInspection {
        HostInspection(host: host, runtimeDirectory: runtimeDirectory, tunnels: tunnels)
    }

    private var removal: HostRemoval {
        HostRemoval(host: host, runtimeDirectory: runtimeDirectory)
    }

    // MARK: - One at a time

    func begin() async {
        guard isBusy else {
            isBusy = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func end() {
        guard !waiting.isEmpty else {
            isBusy = false
            return
        }
        waiting.removeFirst().resume()
    }
}
