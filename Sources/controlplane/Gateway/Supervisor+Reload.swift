internal import Logging
internal import Protocol
internal import Reports

/// Taking on another configuration while everything runs.
extension Supervisor {
    func reload() async throws(OperatorError) -> ReloadReport {
        let new: Configuration
        do {
            let read = try parts.loader.readTexts()
            // The TOML library keeps what it has parsed for ever: not twice the same.
            new = read == texts ? configuration : try ConfigParser.parse(read)
            texts = read
        } catch {
            parts.log.error("reload refused, the earlier configuration stays: \(error)")
            throw OperatorError(
                .configuration, error.report, fix: "mend the file; nothing was changed")
        }
        let diff = ConfigDiff(from: configuration, to: new)
        do {
            // Without a difference too: what others have touched on the host is mended by it.
            try await take(new, diff)
        } catch {
            texts = []
            throw OperatorError(.failed, "the host could not be changed: \(error)")
        }
        return ReloadReport(
            added: diff.added.map(\.name), removed: diff.removed.map(\.name),
            changed: diff.changed.map(\.after.name), settings: Self.settings(diff))
    }

    private func take(_ new: Configuration, _ diff: ConfigDiff) async throws {
        var renumbered = numbers
        renumbered.number(new.networks.map(\.name), limit: UInt32(Limits.networksMax))
        try renumbered.save(parts.numbersPath)
        let before = (configuration, numbers, table)
        (configuration, numbers, table) = (new, renumbered, NetworkTable(new, renumbered))
        do {
            try await applyHost()
        } catch {
            (configuration, numbers, table) = before
            // What was there before is put back as far as it can be.
            try? await applyHost()
            throw error
        }
        generation += 1
        post(table.messages(generation: generation))
        await endUnused()
        for network in diff.added + diff.changed.map(\.after) { announce(network) }
        parts.log.notice(
            "reloaded: \(diff.added.count) added, \(diff.removed.count) removed, \(diff.changed.count) changed"
        )
    }

    /// Says how a network fares that is new, or reached in another way.
    private func announce(_ network: Network) {
        guard let id = table.id(of: network.name) else { return }
        guard let key = network.ssh else { return post([Self.state(id, .up)]) }
        guard let tunnel = tunnels[key] else { return post([Self.state(id, .idle)]) }
        for endpoint in tunnel.endpoints.keys { announce(endpoint, of: tunnel) }
        publish(tunnel)
    }

    /// Ends tunnels that no network needs any more.
    private func endUnused() async {
        for (key, tunnel) in tunnels where table.members[key] == nil {
            tunnels[key] = nil
            tunnel.timer?.cancel()
            await tunnel.backend.stop()
            tunnel.listener?.cancel()
            parts.log.notice("network \(tunnel.name): its tunnel is configured no longer; ended")
        }
    }

    private static func settings(_ diff: ConfigDiff) -> [String] {
        [(diff.lanChanged, "lan"), (diff.holdChanged, "hold"), (diff.limitsChanged, "limits")]
            .filter(\.0).map(\.1)
    }
}
