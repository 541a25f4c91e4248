internal import FoundationEssentials

/// What is remembered about tunnels over restarts: locks, over reboots too, and persons' wishes.
actor TunnelMemory {
    private var locks: LockStore
    private var held: HeldStore

    init(locks: LockStore, held: HeldStore) {
        self.locks = locks
        self.held = held
    }

    /// Tunnels of which something is remembered.
    var names: Set<String> { held.names.union(locks.names) }

    /// Whether a person took the tunnel down, and the lock that still has its reason.
    func recall(_ name: String, _ credentials: CredentialFingerprint) -> (
        lock: Failure?, heldDown: Bool
    ) {
        (locks.valid(name, credentials: credentials)?.failure, held.names.contains(name))
    }

    func lock(_ name: String, _ failure: Failure, _ credentials: CredentialFingerprint) throws {
        try locks.lock(name, failure, credentials: credentials, since: Clock.now() / 1_000)
    }

    func unlock(_ name: String) throws { try locks.unlock(name) }

    func setHeld(_ name: String, _ isHeld: Bool) throws { try held.set(name, held: isHeld) }
}
