internal import CLinux
internal import Logging
internal import Protocol

/// Tunnels with a device: whether they carry anything, and what keeps them up.
extension Supervisor {
    /// Looks at the device again and again while it is open.
    func watchTraffic(_ tunnel: Tunnel, _ device: String) {
        guard tunnel.monitor == nil, let packets = packets(of: tunnel) else { return }
        let key = tunnel.key
        // Often enough to be on time, seldom enough to cost nothing.
        let useMs = Int64(min(max((key.idleMs ?? 60_000) / 10, 250), 5_000))
        let stallMs = packets.stallMs.map(Int64.init)
        let lookMs = min(useMs, min(max((stallMs ?? useMs) / 20, 100), 1_000))
        tunnel.monitor = Task { [weak self] in
            var watch = stallMs.map { TrafficWatch(stallMs: $0) }
            // Who answers now is a witness later.
            let targets = await self?.probeTargets(key) ?? []
            let probes = watch == nil ? [] : targets.map { DataPathProbe($0, device) }
            for probe in probes { probe.ask() }
            var nextUse = cl_boottime_ms() + useMs
            while (try? await Task.sleep(for: .milliseconds(lookMs))) != nil {
                guard let self else { return }
                if cl_boottime_ms() >= nextUse {
                    nextUse = cl_boottime_ms() + useMs
                    await self.countUse(key)
                }
                for probe in probes { probe.listen() }
                guard let received = DeviceCounters.received(device),
                    watch?.hears(received) == false,
                    let sent = try? await self.parts.host.sent(by: device)
                else { continue }
                let canAsk = packets.probe != nil || probes.contains(where: \.hasAnswered)
                switch watch?.judge(sent: sent, canAsk: canAsk, now: cl_boottime_ms()) {
                case .doubtful:
                    for probe in probes { probe.ask() }
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
        table.members[tunnel.key]?.first.flatMap { table.network($0)?.packets }
    }

    /// Who may answer behind the tunnel: the configured address, else the name servers.
    private func probeTargets(_ key: TunnelSettings) -> Set<String> {
        guard let tunnel = tunnels[key],
            let network = table.members[key]?.first.flatMap({ table.network($0) })
        else { return [] }
        if let probe = network.packets?.probe { return [probe] }
        return Set(network.nameServers + (tunnel.device?.pushed.nameServers ?? []))
    }

    // MARK: - The first proof

    /// Whether a tunnel that says that it is ready carries packets: only where an address is
    /// configured that answers.
    func proved(_ tunnel: Tunnel) async -> Bool {
        guard let device = tunnel.key.device, let probe = packets(of: tunnel)?.probe else {
            return true
        }
        let before = DeviceCounters.received(device) ?? 0
        do {
            try await parts.host.openTunnel(device, prefixes: prefixes(of: tunnel))
        } catch {
            record(tunnel, .error, .hostFailed, "\(error)")
            return false
        }
        // Not before: where nothing leads there, its sockets cannot be connected.
        let question = DataPathProbe(probe, device)
        for _ in 0..<Self.proofTries {
            question.ask()
            for _ in 0..<Self.looksPerTry {
                try? await Task.sleep(for: .milliseconds(10))
                if let now = DeviceCounters.received(device), now != before { return true }
            }
        }
        try? await parts.host.closeTunnel(device)
        return false
    }

    /// Ten tries, half a second each.
    private static let proofTries = 10
    private static let looksPerTry = 50
}
