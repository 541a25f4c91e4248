internal import Logging
internal import Protocol

/// Tunnels with a device: when their network has its routes.
extension Supervisor {
    /// Makes the host route packets as the machine says, then tells the dataplane, one after the
    /// other for each tunnel: the dataplane must not release a packet before its route is there,
    /// and packets must park before the tunnel goes.
    func publishPackets(_ tunnel: Tunnel, _ state: TunnelMachine.DataState) {
        let key = tunnel.key
        queue(tunnel) { await $0.steer(key, state) }
    }

    /// The dataplane is asked what is open, and parks from now on what comes to it. Before that the
    /// routes must not go: it would send packets on that come back, and are dropped.
    func drainPackets(_ tunnel: Tunnel, _ token: UInt64) {
        let key = tunnel.key
        queue(tunnel) { supervisor in
            guard let tunnel = supervisor.tunnels[key] else { return }
            supervisor.requestDrain(tunnel, token)
        }
    }

    /// The dataplane has answered, and what passes the device is held as soon as that is closed; but
    /// packets may have passed until then, and not been counted yet.
    func drainedPackets(_ tunnel: Tunnel, _ token: UInt64, open: Int) {
        let key = tunnel.key
        queue(tunnel) { await $0.finishDrain(key, token, open: open) }
    }

    private func queue(
        _ tunnel: Tunnel, _ work: @escaping @Sendable (isolated Supervisor) async -> Void
    ) {
        let before = tunnel.work
        tunnel.work = Task {
            await before?.value
            await work(self)
        }
    }

    private func steer(_ key: TunnelSettings, _ state: TunnelMachine.DataState) async {
        guard let tunnel = tunnels[key], let device = key.device else { return }
        if state == .up {
            do {
                try await parts.host.openTunnel(device, prefixes: prefixes(of: tunnel))
                tunnel.isOpen = true
                watchTraffic(tunnel, device)
            } catch {
                feed(
                    .ended(Failure(.lost, "the tunnel's device cannot be used: \(error)")),
                    to: tunnel)
                return
            }
        } else {
            _ = await closed(key)
        }
        publish(tunnel)
        namesChanged()
        switch state {
        case .idle, .refusing: post(Self.loss(table.members[key] ?? []))
        case .dialling, .up: break
        }
    }

    /// Far sides behind a device do not notice that it is gone.
    static func loss(_ networks: [UInt32]) -> [Message] {
        networks.map { .tunnelLost(TunnelLost(network: $0)) }
    }

    /// The tunnel without its routes.
    private func closed(_ key: TunnelSettings) async -> Tunnel? {
        guard let tunnel = tunnels[key], let device = key.device, tunnel.isOpen else {
            return tunnels[key]
        }
        tunnel.isOpen = false
        namesChanged()
        tunnel.monitor?.cancel()
        tunnel.monitor = nil
        do {
            try await parts.host.closeTunnel(device)
        } catch {
            record(tunnel, .error, .hostFailed, "\(error)")
        }
        return tunnel
    }

    private func finishDrain(_ key: TunnelSettings, _ token: UInt64, open: Int) async {
        guard let tunnel = tunnels[key] else { return }
        // Somebody may have wanted it meanwhile.
        if open == 0, case .draining = tunnel.machine.state { _ = await closed(key) }
        await countUse(tunnel)
        feed(.drained(token: token, open: open), to: tunnel)
    }

    func prefixes(of tunnel: Tunnel) -> [Prefix] {
        (table.members[tunnel.key] ?? []).flatMap { table.network($0)?.prefixes ?? [] }
    }
}
