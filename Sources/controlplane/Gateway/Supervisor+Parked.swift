internal import Protocol
internal import Reports

/// What waits for tunnels.
extension Supervisor {
    func parked(network name: String?) async throws(OperatorError) -> [ParkedReport.Network] {
        if let name, table.id(of: name) == nil, releases.network(name) == nil {
            throw .unknownNetwork(name)
        }
        let held = await names?.held() ?? [:]
        return activity.networks.union(held.keys.compactMap(table.id(of:))).compactMap { id in
            guard let network = table.network(id), name == nil || network.name == name else {
                return nil
            }
            let packets = activity[id].parked
            let questions = held[network.name] ?? HeldQuestions()
            guard packets > 0 || questions.count > 0 else { return nil }
            let since = min(demands[id]?.since ?? .max, questions.since)
            let tunnel = network.tunnel.flatMap { tunnels[$0] }
            return ParkedReport.Network(
                network: network.name,
                state: tunnel.flatMap { .init(rawValue: $0.machine.state.name) } ?? .idle,
                reason: tunnel?.reason ?? "nobody has dialled it yet", packets: packets,
                first: demands[id]?.cause, since: since == .max ? nil : Self.date(since),
                holdMs: max(configuration.holdMs, network.holdMs ?? 0), asks: tunnel?.prompt,
                questions: questions.count, names: questions.names)
        }
        .sorted { $0.network < $1.network }
    }

    /// Notes the first packet of those that wait.
    func noteDemand(_ network: UInt32, _ cause: String) {
        // One that is left although nothing waits is of a dataplane that was killed.
        if demands[network] == nil || activity[network].parked == 0 {
            demands[network] = ParkedDemand(cause: cause, since: Clock.now())
        }
    }

    /// Nothing waits there any more: it went on, was answered, or gave up.
    func endDemand(_ network: UInt32) {
        guard let demand = demands.removeValue(forKey: network) else { return }
        parkings.add(seconds: Double(Clock.now() - demand.since) / 1_000)
    }
}
