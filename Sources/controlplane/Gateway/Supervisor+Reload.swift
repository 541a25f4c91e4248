internal import Logging
internal import Protocol
internal import Reports

/// Taking on another configuration while everything runs.
extension Supervisor {
    func reload() async throws(OperatorError) -> ReloadReport { try await reload(isMending: true) }

    /// - Parameter isMending: whether what others have touched on the host is put right as well. The
    ///   keeper does that, too, but who asks for a reload wants to rely on it.
    func reload(isMending: Bool) async throws(OperatorError) -> ReloadReport {
        await beginReload()
        defer { isReloading = false }
        tellReloading()
        do {
            let report = try await reread(isMending)
            tellReloaded(nil)
            return report
        } catch {
            tellReloaded(error.text)
            throw error
        }
    }

    /// One after the other: each starts from what the last one has made.
    func beginReload() async {
        while isReloading { try? await Task.sleep(for: .milliseconds(20)) }
        isReloading = true
    }

    private func reread(_ isMending: Bool) async throws(OperatorError) -> ReloadReport {
        let begin = ContinuousClock.now
        var released = releases
        do {
            released.configured = try reader.read()
        } catch {
            parts.log.record(
                .error, .reloadRefused, "reload refused, the earlier configuration stays: \(error)")
            throw OperatorError(
                .configuration, error.report, fix: "mend the file; nothing was changed")
        }
        // Who asks for a reload wants what is in the files; who writes a map, only what is new there.
        if isMending { released.endAll() } else { released.forgetVanished() }
        let new = pushed.extend(released.rest)
        let diff = ConfigDiff(from: configuration, to: new)
        let prepared: ForwardListeners.Prepared
        do throws(ForwardFailure) {
            prepared = try forwards.prepare(new.forwards)
        } catch {
            parts.log.record(
                .error, .reloadRefused, "reload refused, the earlier configuration stays: \(error)")
            throw OperatorError(
                .configuration, "\(error.place): error: \(error.message)\n",
                fix: error.fix ?? "nothing was changed")
        }
        do {
            // Without a difference too: what others have touched on the host is mended by it.
            try await take(new, diff, prepared, isMending)
        } catch {
            forwards.drop(prepared)
            parts.log.record(
                .error, .reloadRefused,
                "reload refused, the earlier configuration stays: the host could not be changed: \(error)"
            )
            throw OperatorError(.failed, "the host could not be changed: \(error)")
        }
        let resumed = releases.since.keys.filter { released.since[$0] == nil }
        do {
            try released.save()
        } catch {
            parts.log.error("what is resumed will be released again after a restart: \(error)")
        }
        releases = released
        if !resumed.isEmpty { postAllForwards(to: nil) }
        noteReload(diff, resumed: Set(resumed))
        let took = (ContinuousClock.now - begin) / Duration.milliseconds(1)
        parts.log.record(
            .notice, .reloaded,
            """
            reloaded: \(diff.added.count) added, \(diff.removed.count) removed, \
            \(diff.changed.count) changed; it took \(Int(took)) ms
            """)
        for notice in new.notices { parts.log.notice("\(notice)") }
        // Secrets are configuration, too.
        let locked = lockedNetworks
        await examineLocks()
        var report = ReloadReport(diff)
        let unlocked = locked.subtracting(lockedNetworks)
        if !unlocked.isEmpty { report.unlocked = unlocked.sorted() }
        return report
    }

    func take(
        _ new: Configuration, _ diff: ConfigDiff, _ prepared: ForwardListeners.Prepared,
        _ isMending: Bool
    ) async throws {
        var renumbered = numbers
        let numbered = renumbered.number(
            diff.added.map(\.name), limit: UInt32(Limits.networksMax), all: { new.networks.names })
        try renumbered.save(new: numbered, parts.numbersPath)
        let before = (configuration, numbers, table)
        (configuration, numbers, table) = (new, renumbered, NetworkTable(new, renumbered))
        // First, while their routes and guard still stand: what is open must not outlive its tunnel
        // and find another way.
        await endUnused(before.2)
        do {
            if isMending { try await applyHost() } else { try await changeHost() }
        } catch {
            (configuration, numbers, table) = before
            // What was there before is put back as far as it can be.
            try? await applyHost()
            sendEverything()
            throw error
        }
        withdrawMoved(diff, before.2)
        sendTable()
        for network in diff.added + diff.changed.map(\.after) { announce(network) }
        takeForwards(prepared)
        areMapHostsStale = true
        if diff.dnsChanged { await restartNames() }
        // Its certificate may be another one where the settings are the same.
        if diff.webChanged || (isMending && new.web?.tls != nil) { webListener?.yield(new.web) }
        await names?.setHold(new.holdMs)
        files?.watch(reader.mapStates)
        namesChanged()
        Memory.trim()
        carried = carried.filter { table.network($0.key) != nil }
        demands = demands.filter { table.network($0.key) != nil }
        cameAt = cameAt.filter { table.network($0.key) != nil }
        let moved = diff.changed.lazy.filter { $0.aspects.contains(.via) }.map(\.after)
        for network in diff.added + moved { cameAt[table.id(of: network.name) ?? 0] = Clock.now() }
    }

    /// Says how a network fares that is new, or reached in another way.
    private func announce(_ network: Network) {
        guard let id = table.id(of: network.name) else { return }
        guard let key = network.tunnel else { return post([Self.state(id, .up)]) }
        guard let tunnel = tunnels[key] else { return post([Self.state(id, .idle)]) }
        for endpoint in tunnel.endpoints.keys { announce(endpoint, of: tunnel) }
        publish(tunnel)
    }

    /// Ends tunnels that no network needs any more.
    private func endUnused(_ old: NetworkTable) async {
        let unused = tunnels.filter { table.members[$0.key] == nil }
        for (key, tunnel) in unused {
            tunnels[key] = nil
            tunnel.timer?.cancel()
            tunnel.listener?.cancel()
            tunnel.monitor?.cancel()
            if let device = key.device, tunnel.isOpen {
                tunnel.isOpen = false
                try? await parts.host.closeTunnel(device)
            }
            withdraw(tunnel, from: old.members[key] ?? [])
            parts.log.record(
                .notice, .tunnelUnused, "tunnel \(key.name): no network needs it any more; ended",
                [.tunnel: key.name])
        }
        await withTaskGroup { group in
            for tunnel in unused.values {
                let backend = tunnel.backend
                group.addTask { await backend.stop() }
            }
        }
        for tunnel in unused.values {
            if let refusal = await tunnel.backend.takeRefusal() {
                lockAccount(of: tunnel, refusal)
            }
            if tunnels[tunnel.key] == nil { endTrial(of: tunnel.key) }
        }
        if !unused.isEmpty { await pinGateways() }
    }

    /// A network that goes another way now, or nowhere, must not keep the local sockets of a tunnel
    /// that others still have.
    private func withdrawMoved(_ diff: ConfigDiff, _ old: NetworkTable) {
        let moved = diff.changed.lazy.filter { $0.aspects.contains(.via) }.map(\.before)
        for network in diff.removed + moved {
            guard let key = network.tunnel, let tunnel = tunnels[key],
                let id = old.id(of: network.name)
            else { continue }
            withdraw(tunnel, from: [id])
        }
    }

    /// The dataplane forgets a tunnel's local sockets before they close.
    private func withdraw(_ tunnel: Tunnel, from networks: [UInt32]) {
        for network in networks {
            for endpoint in tunnel.endpoints.keys {
                post([Self.removal(of: endpoint, from: network)])
            }
            if table.tunnel(of: network) != nil { post([Self.state(network, .idle)]) }
        }
        if tunnel.key.device != nil { post(Self.loss(networks)) }
    }
}
