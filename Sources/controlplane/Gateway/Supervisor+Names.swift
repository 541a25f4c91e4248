internal import Logging
internal import Protocol

/// What the resolvers are told about private names.
extension Supervisor {
    /// Begins to tell the resolvers as `[dns]` says. Without names the rest works on.
    func startNames() async {
        let names = parts.makeNames(configuration.dns, configuration.holdMs) { [weak self] in
            await self?.namesWanted($0, $1)
        }
        do {
            try await names.start()
            self.names = names
            toldZones = nil
            areMapHostsStale = true
            namesChanged()
        } catch {
            parts.log.record(.error, .namesFailed, "names: \(error)")
        }
    }

    /// The map's names, for a dnsmasq that knows them by itself. Of a large map that takes a moment,
    /// in which others are served.
    private func readMapHosts() async {
        guard areMapHostsStale else { return }
        areMapHostsStale = false
        guard configuration.dns.mode == .managed else { return mapHosts = "" }
        let reader = reader
        mapHosts = await Task.detached { reader.mapHosts }.value
    }

    /// Another `[dns]`: the next service takes over what stands.
    func restartNames() async {
        await names?.stop()
        names = nil
        await startNames()
    }

    /// A state, a pushed setting or the configuration changed: the zones may be others now.
    ///
    /// Told one after the other and only the newest.
    func namesChanged() {
        guard let names, !areNamesDirty else { return }
        areNamesDirty = true
        let before = namesWork
        namesWork = Task {
            await before?.value
            areNamesDirty = false
            await readMapHosts()
            let plan = zonePlan
            guard plan != toldZones || mapHosts != toldHosts else { return }
            for refusal in plan.refusals where toldZones?.refusals.contains(refusal) != true {
                parts.log.warning("\(refusal)")
            }
            toldZones = plan
            toldHosts = mapHosts
            await names.take(plan.zones, hosts: mapHosts)
        }
    }

    /// A query waits for a network that is not up.
    func namesWanted(_ network: String, _ name: String) async {
        guard let id = table.id(of: network), let tunnel = await tunnel(of: id) else { return }
        let cause = "\(name) was looked up"
        demanded(tunnel, by: cause, cause)
    }

    private var zonePlan: ZonePlan {
        let networks = configuration.networks
        return ZonePlan(
            networks.tables, pushed: pushed.byNetwork, lastGood: gateways.lastGood,
            others: { networks.mapped(behind: $0) }
        ) { tunnels[$0]?.dataState ?? .idle }
    }
}
