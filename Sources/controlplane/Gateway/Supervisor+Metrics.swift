internal import FoundationEssentials
internal import Protocol
internal import Reports

/// What a collector of metrics gets. One question to each worker of the dataplane, which answers it
/// between two turns of its loop.
extension Supervisor {
    func metrics() async -> [Metric] { MetricReport.metrics(await metricFacts()) }

    private func metricFacts() async -> MetricFacts {
        let counters = await statistics()
        let health = await health()
        var facts = MetricFacts()
        facts.version = Release.version
        facts.startedAt = Double(startedAt) / 1_000
        facts.isLinked = isLinked
        facts.networksConfigured = configuration.networks.count
        let used = Set(activity.networks.compactMap { table.tunnel(of: $0) })
        for tunnel in tunnels.values {
            facts.add(
                state: tunnel.machine.state.name, tally: tunnel.tally,
                isInUse: used.contains(tunnel.key),
                network: networkNames(tunnel.key).min() ?? tunnel.key.name)
        }
        facts.tally = tally
        facts.active = activity.networks.compactMap { id in
            table.network(id).map { .init(network: $0.name, activity: activity[id]) }
        }
        .sorted { $0.network < $1.network }
        facts.parkings = parkings
        facts.counters = counters
        for result in ConnectionRecord.Result.allCases {
            facts.ended[result.word] = ended[result] ?? 0
        }
        for severity in [HealthReport.Severity.notice, .warning, .error] {
            facts.health[severity.rawValue] = health.count { $0.severity == severity }
        }
        facts.queries = await names?.queries()
        facts.repairs = repairs.total
        facts.conntrack = MetricFacts.Conntrack.read(parts.system)
        return facts
    }
}

extension ConnectionRecord.Result {
    /// As the value of a label.
    fileprivate var word: String {
        switch self {
        case .ok: "ok"
        case .resetByClient: "reset-by-client"
        case .resetByFarSide: "reset-by-far-side"
        case .refused: "refused"
        case .unreachable: "unreachable"
        case .timedOut: "timed-out"
        case .killed: "killed"
        case .limit: "limit"
        }
    }
}
