internal import FoundationEssentials

/// What is remembered about tunnels over restarts: locks, over reboots too, and persons' wishes.
actor TunnelMemory {
    private var locks: LockStore
    private var held: HeldStore

    init(locks: LockStore, held: HeldStore) {
        self.locks = locks
        self.held = held
    }

    /// Tunnels and accounts that have a lock, and networks that a person took down.
    var remembered: (tunnels: [String], networks: Set<String>) { (locks.names, held.names) }

    /// Whether anything is remembered of a tunnel.
    func knows(_ tunnel: TunnelSettings, of networks: [String]) -> Bool {
        !held.names.isDisjoint(with: networks) || isLocked(tunnel)
    }

    /// Whether its account has a lock, valid or not.
    func isLocked(_ tunnel: TunnelSettings) -> Bool {
        Self.names(tunnel).contains { locks[$0] != nil }
    }

    /// Whether a person took the tunnel down, and the lock that still has its reason.
    ///
    /// - Parameter networks: the tunnel's. A person speaks of networks: with other settings they have
    ///   another tunnel, and are held down as before.
    func recall(
        _ tunnel: TunnelSettings, of networks: [String] = [], _ credentials: CredentialFingerprint
    ) -> (lock: Failure?, heldDown: Bool) {
        let lock = Self.names(tunnel).lazy
            .compactMap { self.locks.valid($0, credentials: credentials) }.first
        return (lock?.failure, !held.names.isDisjoint(with: networks))
    }

    func lock(
        _ tunnel: TunnelSettings, _ failure: Failure, _ credentials: CredentialFingerprint
    ) throws {
        try locks.lock(
            tunnel.account, failure, credentials: credentials, since: Clock.now() / 1_000)
    }

    func unlock(_ tunnel: TunnelSettings) throws {
        for name in Self.names(tunnel) { try locks.unlock(name) }
    }

    /// What a lock may be called: earlier versions locked tunnels, not accounts.
    private static func names(_ tunnel: TunnelSettings) -> [String] {
        [tunnel.account, tunnel.name]
    }

    func setHeld(_ networks: [String], _ isHeld: Bool) throws {
        for network in networks { try held.set(network, held: isHeld) }
    }
}
