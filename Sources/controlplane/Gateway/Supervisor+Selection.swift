internal import Reports

/// Looks at very many networks that cost what is in use, not what is configured.
extension Supervisor {
    /// - Parameters:
    ///   - limit: how many at most, those that need a person first where there are more; nil: all.
    ///   - report: what is said of one.
    func selection(
        _ limit: Int?, _ report: (Network) -> NetworkReport
    ) -> NetworkSelection {
        let networks = configuration.networks
        guard let limit, limit < networks.count + releases.since.count else {
            return NetworkSelection(all: everyNetwork(report))
        }
        // Without a tunnel and without packets there is nothing to say of a network but that it is there.
        var ids = activity.networks
        for key in tunnels.keys { ids.formUnion(table.members[key] ?? []) }
        let known = ids.compactMap { id in table.place(id).map { (id: id, place: $0) } }
            .sorted { $0.place < $1.place }
        let active = known.map { report(networks[$0.place]) }
        let places = Set(known.map(\.place))
        let released = releases.since.keys.sorted().compactMap { name in
            releases.network(name).map(releasedReport)
        }
        let routed = networks.tables.indices
            .count { networks.tables[$0].tunnel == nil && !places.contains($0) }
        let rest = Array(
            networks.indices.lazy.filter { !places.contains($0) }
                .prefix(max(0, limit - active.count - released.count)))
        return NetworkSelection(
            active: active + released,
            resting: [.routed: routed, .idle: networks.count - places.count - routed],
            rest: rest.map { report(networks[$0]) }, limit: limit)
    }
}
