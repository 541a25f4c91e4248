internal import Protocol

/// Tunnels with a device: their routes, and what goes through them.
extension HostExecutor {
    /// Gives a tunnel's device the routes of its network, as far as it has an address of their
    /// family. Packets go by it from now on; when it dies, the doorbell takes over by itself.
    ///
    /// May be repeated, and takes over what an earlier life has opened.
    ///
    /// - Parameters:
    ///   - device: must be up and have an address.
    ///   - prefixes: the network's, as they were applied last; others are passed over.
    func openTunnel(_ device: String, prefixes: [Prefix]) async throws(HostError) {
        await begin()
        defer { end() }
        guard let (input, plan) = current else {
            throw HostError(
                .tunnelDevice, "\(device) got no routes: the host's network is not set up.")
        }
        let prefixes = Set(prefixes)
        let families = try await families(of: device)
        try prepare(device, input)
        let routes = plan.routes(through: device, prefixes, families)
        let former = plan.routes(
            through: device, (tunnels.open[device] ?? []).subtracting(prefixes), families)
        tunnels.opened(device, prefixes)
        do {
            for family in families {
                let lines = routes.filter { $0.prefix.family == family }.map(\.replaceLine)
                let old = former.filter { $0.prefix.family == family }.map(\.deleteLine)
                try await host.runBatch(family, lines + old)
            }
        } catch {
            tunnels.closed(device)
            try? await removeRoutes(of: device)
            throw HostError(.tunnelDevice, "\(device) got no routes. \(error)")
        }
    }

    /// Takes a tunnel's routes away: its network's packets ring the doorbell from now on. Harmless
    /// where it has none, or is gone.
    ///
    /// To be called as well for a tunnel of an earlier life that is not taken over.
    func closeTunnel(_ device: String) async throws(HostError) {
        await begin()
        defer { end() }
        tunnels.closed(device)
        try await removeRoutes(of: device)
    }

    /// The flows that went through a tunnel's device within its idle time and count as use of it,
    /// the youngest first.
    func traffic(_ device: String) async throws(HostError) -> [Flow] {
        let text = try await host.run(
            .nft, ["--numeric-protocol", "list", "table", "inet", HostNames.steering], input: "")
        return KeeperListing.parse(text)[device] ?? []
    }

    /// How many packets went out by a tunnel's device that may be answered, in the last hour at
    /// least. Those that only ask whether the tunnel carries anything are not counted.
    func sent(by device: String) async throws(HostError) -> UInt64 {
        let text = try await host.run(
            .nft, ["list", "set", "inet", HostNames.steering, SentListing.set], input: "")
        return SentListing.packets(text, by: device)
    }

    private func families(of device: String) async throws(HostError) -> [Family] {
        let link = try await HostSurvey.links(host).first { $0.ifname == device }
        guard let link else {
            throw HostError(.tunnelDevice, "There is no device \(device).")
        }
        guard !link.families.isEmpty else {
            throw HostError(.tunnelDevice, "The device \(device) is down or has no address.")
        }
        return link.families
    }

    private func prepare(_ device: String, _ input: HostInput) throws(HostError) {
        var values: [String: String] = [:]
        for key in SysctlPlan.keys(interfaces: [], lan: [], tunnels: [device]) {
            values[key] = host.setting(key)
        }
        var plan = SysctlPlan()
        plan.answer(device, values, lan: input.lan, ipv6: input.ipv6)
        guard !plan.changes.isEmpty else { return }
        var record = try HostRecord.load(runtimeDirectory)
        record.settings = SysctlPlan.merge(record.settings, plan.changes)
        try record.save(runtimeDirectory)
        for change in plan.changes { try host.set(change.key, to: change.now) }
    }

    private func removeRoutes(of device: String) async throws(HostError) {
        for family in host.families {
            // There is such a setting as long as there is the device.
            guard host.setting("ipv4/conf/\(device)/forwarding") != nil else { return }
            let arguments = [
                "-\(family.rawValue)", "route", "flush", "table", "\(HostNames.privateTable)",
                "dev",
                device, "proto", "\(HostNames.routeProtocol)",
            ]
            do {
                _ = try await host.run(.ip, arguments, input: "")
            } catch  where host.setting("ipv4/conf/\(device)/forwarding") == nil {
                return
            }
        }
    }
}
