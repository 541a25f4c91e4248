internal import Logging

/// What must be there before the first packet.
extension Supervisor {
    /// Brings up what must be there before the first packet: locks, tunnels of an earlier life, the
    /// host's network.
    func start() async throws {
        let running = parts.leftRunning()
        var adopted: [Tunnel] = []
        for key in await rememberedTunnels(running) {
            let isRemembered = await parts.memory.knows(key, of: networkNames(key))
            guard isRemembered || running.contains(key.name) else { continue }
            let tunnel = await makeTunnel(key)
            if await tunnel.backend.adopt() {
                record(tunnel, .notice, .adopted, "adopted a tunnel that was up")
                // Where it goes to, not where its gateway's name leads by now: names have several
                // addresses, and change them.
                tunnel.address = lastGood(key)
                if tunnel.address == nil { tunnel.address = await address(of: key) }
                await notePath(tunnel)
                adopted.append(tunnel)
            } else if let refusal = await tunnel.backend.takeRefusal() {
                feed(.failed(refusal), to: tunnel)
            }
        }
        try await applyHost()
        // A tunnel with a device gets its routes now, which must have a table to go to.
        for tunnel in adopted { feed(.adopted, to: tunnel) }
        // Those of an earlier life whose tunnels are not taken over must lead nowhere any more.
        for key in Set(table.members.devices).subtracting(adopted.map(\.key)) {
            if let device = key.device { try? await parts.host.closeTunnel(device) }
        }
        openForwards()
        await startNames()
        attachment = try? await Attachment.take(parts.system)
    }

    /// Those of which something may be remembered, among which all are that are to be found.
    private func rememberedTunnels(_ running: Set<String>) async -> Set<TunnelSettings> {
        let (tunnels, networks) = await parts.memory.remembered
        let down = networks.compactMap { table.id(of: $0).flatMap { table.tunnel(of: $0) } }
        return configuration.networks.tunnels(to: TunnelSettings.hosts(in: running.union(tunnels)))
            .union(down)
    }
}
