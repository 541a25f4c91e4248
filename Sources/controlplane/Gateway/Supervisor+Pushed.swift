internal import Logging
internal import Protocol

/// What gateways push to their clients.
extension Supervisor {
    /// A tunnel's device is there: what its gateway pushed is remembered, and takes effect.
    func deviceUp(_ device: TunnelDevice, _ tunnel: Tunnel) async {
        tunnel.device = device
        guard let network = table.members[tunnel.key]?.first.flatMap({ table.network($0) }) else {
            return
        }
        do {
            guard try pushed.remember(device.pushed, of: network.name) else { return }
            record(tunnel, .notice, .pushed, "the gateway pushed \(device.pushed.summary)")
            try await takePushed()
            namesChanged()
        } catch {
            record(tunnel, .error, nil, "what the gateway pushed is not used: \(error)")
        }
    }

    private func takePushed() async throws {
        let extended = pushed.extend(configuration)
        guard extended != configuration else { return }
        configuration = extended
        table = NetworkTable(extended, numbers)
        try await applyHost()
        sendTable()
    }
}

extension PushedSettings {
    /// For the log.
    var summary: String {
        let parts = [("name servers", nameServers), ("domains", domains), ("networks", routes)]
            .filter { !$0.1.isEmpty }
        return parts.isEmpty
            ? "nothing"
            : parts.map { "\($0): \($1.joined(separator: " "))" }.joined(separator: ", ")
    }
}
