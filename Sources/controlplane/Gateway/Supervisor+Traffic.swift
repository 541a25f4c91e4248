internal import CLinux
internal import Logging
internal import Protocol

/// Tunnels with a device: whether they carry anything, and what keeps them up.
extension Supervisor {
    /// Looks at the device every few seconds while it is open.
    func watchTraffic(_ tunnel: Tunnel, _ device: String) {
        guard tunnel.monitor == nil, let packets = packets(of: tunnel) else { return }
        let targets = probeTargets(tunnel)
        let key = tunnel.key
        let idleMs = key.idleMs ?? 60_000
        // Often enough to be on time, seldom enough to cost nothing.
        let pause = Duration.milliseconds(min(max(idleMs / 10, 250), 5_000))
        tunnel.monitor = Task { [weak self] in
            var watch = packets.stallMs.map {
                TrafficWatch(stallMs: Int64($0), canAsk: !targets.isEmpty)
            }
            while (try? await Task.sleep(for: pause)) != nil {
                guard let self else { return }
                await self.countUse(key)
                guard let counters = DeviceCounters.read(device) else { continue }
                let verdict = watch?.judge(
                    received: counters.received, sent: counters.sent, now: cl_boottime_ms())
                switch verdict {
                case .doubtful:
                    for target in targets { DataPathProbe.send(to: target, through: device) }
                case .dead:
                    await self.stalled(key)
                case .carries, nil:
                    break
                }
            }
        }
    }

    private func stalled(_ key: TunnelSettings) {
        guard let tunnel = tunnels[key], tunnel.isOpen else { return }
        let text = "packets went out and none came back; the client did not notice"
        feed(.ended(Failure(.lost, text)), to: tunnel)
    }

    private func countUse(_ key: TunnelSettings) async {
        guard let tunnel = tunnels[key], tunnel.isOpen else { return }
        await countUse(tunnel)
    }

    func countUse(_ tunnel: Tunnel) async {
        guard let device = tunnel.key.device,
            let flows = try? await parts.host.traffic(device)
        else { return }
        tunnel.keptUpBy = flows.first
        guard let youngest = flows.first else { return }
        feed(.used(at: cl_boottime_ms() - youngest.ageMs), to: tunnel)
    }

    /// The settings of the one network that a tunnel with a device serves.
    private func packets(of tunnel: Tunnel) -> PacketSettings? {
        table.members[tunnel.key]?.first.flatMap { table.byID[$0]?.packets }
    }

    /// Who answers behind the tunnel: the configured address, else the name servers.
    private func probeTargets(_ tunnel: Tunnel) -> [String] {
        if let probe = packets(of: tunnel)?.probe { return [probe] }
        return tunnel.device?.pushed.nameServers ?? []
    }

    // MARK: - The first proof

    /// Whether a tunnel that says that it is ready carries packets: only where an address is
    /// configured that answers.
    func proved(_ tunnel: Tunnel) async -> Bool {
        guard let device = tunnel.key.device, let probe = packets(of: tunnel)?.probe else {
            return true
        }
        let before = DeviceCounters.read(device)?.received ?? 0
        do {
            try await parts.host.openTunnel(device, prefixes: prefixes(of: tunnel))
        } catch {
            parts.log.error("network \(title(tunnel)): \(error)")
            return false
        }
        for _ in 0..<Self.proofTries {
            DataPathProbe.send(to: probe, through: device)
            for _ in 0..<Self.looksPerTry {
                try? await Task.sleep(for: .milliseconds(10))
                if let now = DeviceCounters.read(device)?.received, now != before { return true }
            }
        }
        try? await parts.host.closeTunnel(device)
        return false
    }

    /// Ten tries, half a second each.
    private static let proofTries = 10
    private static let looksPerTry = 50
}
