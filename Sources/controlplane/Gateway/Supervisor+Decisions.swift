internal import CLinux
internal import Logging

/// What the machines decide, done.
extension Supervisor {
    /// Gives a machine an event and does what it decides.
    func feed(_ event: TunnelMachine.Event, to tunnel: Tunnel) {
        switch event {
        case .failed(let failure):
            tunnel.lastFailure = (failure, Clock.now())
            tunnel.hasFailed = true
        case .ended(let failure?): tunnel.lastFailure = (failure, Clock.now())
        default: break
        }
        let (before, now) = (tunnel.machine.state, cl_boottime_ms())
        let actions = tunnel.machine.on(event, now: now, jitter: Double.random(in: 0...1))
        tunnel.tally.step(from: before, to: tunnel.machine.state, on: event, now: now)
        tally.step(from: before, to: tunnel.machine.state, on: event, now: now)
        for action in actions { perform(action, for: tunnel) }
        endTrial(tunnel)
    }

    private func perform(_ action: TunnelMachine.Action, for tunnel: Tunnel) {
        switch action {
        case .publish(let state):
            if tunnel.key.device == nil { publish(tunnel) } else { publishPackets(tunnel, state) }
            namesChanged()
        case .start(let attempt):
            Task { await start(tunnel.key, attempt: attempt) }
        case .stop:
            Task { await stop(tunnel.key) }
        case .requestDrain(let token):
            if tunnel.key.device == nil {
                requestDrain(tunnel, token)
            } else {
                drainPackets(tunnel, token)
            }
        case .arm(let instant):
            arm(tunnel, at: instant)
        case .disarm:
            tunnel.timer?.cancel()
            tunnel.timer = nil
        case .persistLock(let failure):
            lockAccount(of: tunnel, failure)
        case .clearLock:
            unlockAccount(of: tunnel)
        case .persistHeldDown(let isDown):
            let networks = networkNames(tunnel.key)
            remember(tunnel) { memory, _, _ in try await memory.setHeld(networks, isDown) }
        case .log(let transition):
            tunnel.since = Clock.now()
            tunnel.reason = transition.reason
            statusChanged()
            let names = networkNames(tunnel.key)
            parts.log.record(
                .notice, JournalEvent(state: transition.target),
                "\(subject(tunnel)): \(transition.source) → \(transition.target): \(transition.reason)",
                [
                    .network: names, .tunnel: tunnel.key.name, .stateBefore: transition.source,
                    .state: transition.target, .cause: transition.reason,
                ])
            note {
                $0.note(
                    .init(
                        networks: names, source: transition.source, target: transition.target,
                        cause: transition.reason))
            }
        }
    }

    private func arm(_ tunnel: Tunnel, at instant: TunnelMachine.Instant) {
        tunnel.timer?.cancel()
        let key = tunnel.key
        let delay = max(0, instant - cl_boottime_ms())
        tunnel.timer = Task { [weak self] in
            guard (try? await Task.sleep(for: .milliseconds(delay), clock: .continuous)) != nil
            else {
                return
            }
            await self?.deadline(key)
        }
    }

    private func deadline(_ key: TunnelSettings) {
        if let tunnel = tunnels[key] { feed(.deadline, to: tunnel) }
    }
}
