internal import Logging
internal import Protocol

/// What the resolvers are told about private names.
extension Supervisor {
    /// Begins to tell the resolvers as `[dns]` says. Without names the rest works on.
    func startNames() async {
        let names = parts.makeNames(configuration.dns, configuration.holdMs) { [weak self] in
            await self?.namesWanted($0)
        }
        do {
            try await names.start()
            self.names = names
            toldZones = nil
            namesChanged()
        } catch {
            parts.log.error("names: \(error)")
        }
    }

    /// Another `[dns]`: the next service takes over what stands.
    func restartNames() async {
        await names?.stop()
        names = nil
        await startNames()
    }

    /// A state, a pushed setting or the configuration changed: the zones may be others now.
    ///
    /// Told one after the other and only the newest: a resolver that is being restarted must not
    /// see yesterday's zones after today's.
    func namesChanged() {
        guard let names, !areNamesDirty else { return }
        areNamesDirty = true
        let before = namesWork
        namesWork = Task {
            await before?.value
            areNamesDirty = false
            let zones = zones
            guard zones != toldZones else { return }
            toldZones = zones
            await names.apply(zones)
        }
    }

    /// A query waits for the servers of a network that only its gateway knows.
    func namesWanted(_ name: String) async {
        guard let id = table.id(of: name), let tunnel = await tunnel(of: id) else { return }
        demanded(tunnel, by: "a name in network \(name) was looked up")
    }

    /// The zones of all networks that have names, in the order of the configuration.
    private var zones: [Zone] {
        configuration.networks.compactMap { network in
            guard let key = network.tunnel else { return nil }
            let pushed = pushed.byNetwork[network.name] ?? PushedSettings()
            let isCarried = key.device != nil
            let domains = Self.united(network.domains, isCarried ? pushed.domains : [])
            guard !domains.isEmpty else { return nil }
            let servers = network.nameServers.isEmpty ? pushed.nameServers : network.nameServers
            return Zone(
                network: network.name, domains: domains, prefixes: network.prefixes,
                servers: servers.compactMap { Nameserver(text: $0) },
                gateway: gateway(of: key, in: domains), path: isCarried ? .packets : .forwarder,
                isRefusing: isRefusing(key))
        }
    }

    private func isRefusing(_ key: TunnelSettings) -> Bool {
        guard case .refusing = tunnels[key]?.machine.dataState else { return false }
        return true
    }

    private func gateway(of key: TunnelSettings, in domains: [String]) -> Zone.Gateway? {
        guard let host = key.host?.lowercased(), Address.parse(host) == nil,
            domains.contains(where: { host == $0 || host.hasSuffix(".\($0)") })
        else { return nil }
        return Zone.Gateway(name: host, lastGood: gateways.lastGood[host])
    }

    private static func united(_ first: [String], _ second: [String]) -> [String] {
        first + second.map { $0.lowercased() }.filter { !first.contains($0) }
    }
}
