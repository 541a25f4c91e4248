internal import Protocol
internal import Reports

/// What somebody sees who looks at many networks.
extension Supervisor {
    func notable(_ search: NetworkSearch, limit: Int) async -> (networks: [NetworkReport], all: Int)
    {
        let configured = releases.isEmpty ? configuration.networks : releases.configured.networks
        guard configured.count > limit else { return (await networks(), configured.count) }
        var names: [String] = []
        if !search.isEmpty { names = await Self.names(search, in: configured, limit) }
        names += busy.subtracting(names).sorted()
        return (await reports(of: names), configured.count)
    }

    func networks(beginning start: String, limit: Int?) async -> [NetworkReport] {
        let configured = releases.isEmpty ? configuration.networks : releases.configured.networks
        return await reports(of: Self.names(beginning: start, in: configured, limit ?? .max))
    }

    @concurrent
    private static func names(
        beginning start: String, in networks: Networks, _ limit: Int
    ) async -> [String] {
        NameSample.of(networks.names, beginning: start, limit: limit)
    }

    /// Networks that are not at rest.
    private var busy: Set<String> {
        var ids = Set(activity.networks)
        for (key, tunnel) in tunnels
        where tunnel.hasFailed || tunnel.machine.state.name != "idle" {
            ids.formUnion(table.members[key] ?? [])
        }
        return Set(ids.compactMap { table.network($0)?.name }).union(releases.since.keys)
    }

    /// Beside us: each prefix has to be written out for it.
    @concurrent
    private static func names(
        _ search: NetworkSearch, in networks: Networks, _ limit: Int
    ) async -> [String] {
        var found: [String] = []
        for network in networks where search.finds(network) {
            found.append(network.name)
            if found.count == limit { break }
        }
        return found
    }
}
