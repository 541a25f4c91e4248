internal import Logging

/// A host that moves: another uplink, another address, a lid that was closed.
extension Supervisor {
    /// Something about the host's network changed. What concerns tunnels: whether the ways that
    /// they were made on still are, and whether failed ones deserve another try.
    func hostMoved() async {
        let now = try? await Attachment.take(parts.system)
        if let now, let before = attachment, now != before {
            parts.log.record(.notice, .hostMoved, "the host's network changed")
            for tunnel in tunnels.values { feed(.networkChanged, to: tunnel) }
        }
        attachment = now ?? attachment
        for tunnel in tunnels.values where tunnel.address != nil { await examinePath(tunnel) }
    }

    /// The host is about to sleep: tunnels end while their gateways can still be told, and none is
    /// dialled before it is awake again. Returns when they have ended.
    func hostSleeps() async {
        parts.log.record(.notice, .hostSleeps, "the host goes to sleep")
        isAsleep = true
        // A sleep of which nobody says that it is over.
        sleepLimit?.cancel()
        sleepLimit = Task {
            guard (try? await Task.sleep(for: .seconds(60), clock: .suspending)) != nil else {
                return
            }
            sleepLimit = nil  // or it would cancel what it is about to do
            await hostWoke()
        }
        for tunnel in tunnels.values { feed(.hostSleeps, to: tunnel) }
        while isAsleep, tunnels.values.contains(where: \.machine.state.isCleaning) {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    /// The host slept. Peers may have given up on us, and the world may be another one.
    func hostWoke() async {
        parts.log.record(.notice, .hostWoke, "the host woke up")
        isAsleep = false
        sleepLimit?.cancel()
        for tunnel in tunnels.values {
            feed(.networkChanged, to: tunnel)
            // The dataplane repeats the demands that were not heard.
            if tunnel.machine.state == .idle { publish(tunnel) }
        }
        await hostMoved()
    }

    /// Somebody wants the tunnel.
    ///
    /// - Parameter wish: the same for people, as a sentence.
    func demanded(_ tunnel: Tunnel, by cause: String, _ wish: String) {
        guard !isAsleep else { return }
        if !tunnel.machine.state.isDialling { tunnel.wish = wish }
        feed(.demand(TunnelMachine.Cause(cause)), to: tunnel)
    }

    private func examinePath(_ tunnel: Tunnel) async {
        guard let address = tunnel.address, let made = tunnel.outerPath else { return }
        let now = await OuterPath.find(to: address, parts.system)
        guard now != made, tunnel.address == address, tunnel.outerPath == made else { return }
        tunnel.outerPath = nil
        let text = now.map { "by \($0.device) from \($0.source)" } ?? "nowhere"
        feed(
            .pathLost(
                "the way to \(address) was by \(made.device) from \(made.source), and is \(text)"),
            to: tunnel)
    }

    /// Remembers the way that a dial is about to take.
    func notePath(_ tunnel: Tunnel) async {
        tunnel.outerPath = nil
        guard let address = tunnel.address else { return }
        tunnel.outerPath = await OuterPath.find(to: address, parts.system)
    }
}
