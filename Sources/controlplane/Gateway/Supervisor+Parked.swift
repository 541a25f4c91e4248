internal import Protocol
internal import Reports

/// What waits for tunnels.
extension Supervisor {
    func parked(network name: String?) async throws(OperatorError) -> [ParkedReport.Network] {
        if let name, table.id(of: name) == nil, releases.network(name) == nil {
            throw .unknownNetwork(name)
        }
        return activity.networks.compactMap { id in
            let packets = activity[id].parked
            guard packets > 0, let network = table.network(id), name == nil || network.name == name
            else { return nil }
            let tunnel = network.tunnel.flatMap { tunnels[$0] }
            return ParkedReport.Network(
                network: network.name,
                state: tunnel.flatMap { .init(rawValue: $0.machine.state.name) } ?? .idle,
                reason: tunnel?.reason ?? "nobody has dialled it yet", packets: packets,
                first: demands[id]?.cause, since: (demands[id]?.since).map(Self.date),
                holdMs: max(configuration.holdMs, network.holdMs ?? 0), asks: tunnel?.prompt)
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
