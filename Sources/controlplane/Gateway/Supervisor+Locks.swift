internal import Logging

/// Accounts that must not be tried. One account may serve several networks: what its gateway said
/// to one of them holds for all.
extension Supervisor {
    /// Locks the account, for this life and the next, and every network that has it.
    func lockAccount(of tunnel: Tunnel, _ failure: Failure) {
        remember(tunnel) { memory, key, backend in
            try await memory.lock(key, failure, backend.credentialFingerprint())
        }
        // A tunnel that stands may go on; before its next dial the lock is looked up.
        for other in sharers(of: tunnel) where !other.machine.state.isStanding {
            feed(.failed(failure), to: other)
        }
    }

    func unlockAccount(of tunnel: Tunnel) {
        remember(tunnel) { memory, key, _ in try await memory.unlock(key) }
        for other in sharers(of: tunnel) where other.machine.state.isLocked {
            feed(.unlock, to: other)
        }
    }

    /// A lock is about the credentials that it was made with: other ones deserve a try.
    func examineLocks() async {
        for tunnel in tunnels.values where tunnel.machine.state.isLocked {
            await memoryWork?.value
            let credentials = await tunnel.backend.credentialFingerprint()
            if await parts.memory.recall(tunnel.key, credentials).lock == nil {
                feed(.credentialChanged, to: tunnel)
            }
        }
    }

    var lockedNetworks: Set<String> {
        Set(tunnels.values.filter(\.machine.state.isLocked).flatMap { networkNames($0.key) })
    }

    /// Waits until no other dial shows the tunnel's account to the gateway: what that one hears is
    /// what this one would hear, and be counted for again. False when the tunnel must not be
    /// dialled, or need not any more.
    func beginTrial(_ tunnel: Tunnel, _ attempt: Int) async -> Bool {
        let key = tunnel.key
        while true {
            await memoryWork?.value
            guard tunnels[key] === tunnel, case .dialling(attempt, _) = tunnel.machine.state else {
                return false
            }
            if trials[key.account].map({ $0 == key }) ?? true { break }
            try? await Task.sleep(for: .milliseconds(20))
        }
        trials[key.account] = key
        guard await parts.memory.isLocked(key) else { return true }
        let credentials = await tunnel.backend.credentialFingerprint()
        guard let failure = await parts.memory.recall(key, credentials).lock else { return true }
        feed(.failed(failure), to: tunnel)
        return false
    }

    /// The account is free for others once the dial is over and nothing of it runs.
    func endTrial(_ tunnel: Tunnel) {
        switch tunnel.machine.state {
        case .dialling, .cleaning: break
        case .idle, .up, .draining, .holdoff, .locked: endTrial(of: tunnel.key)
        }
    }

    func endTrial(of key: TunnelSettings) {
        if trials[key.account] == key { trials[key.account] = nil }
    }

    private func sharers(of tunnel: Tunnel) -> [Tunnel] {
        tunnels.values.filter { $0 !== tunnel && $0.key.account == tunnel.key.account }
    }

    // MARK: - Writing it down

    /// One after the other, so that the last word is the one that is kept.
    func remember(
        _ tunnel: Tunnel,
        _ write:
            @escaping @Sendable (TunnelMemory, TunnelSettings, any TunnelBackend) async throws ->
            Void
    ) {
        let (memory, log, key, backend) = (parts.memory, parts.log, tunnel.key, tunnel.backend)
        let before = memoryWork
        memoryWork = Task {
            await before?.value
            do {
                try await write(memory, key, backend)
            } catch {
                log.error(
                    "network \(key.name): what must be remembered could not be written: \(error)")
            }
        }
    }
}
