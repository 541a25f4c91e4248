internal import Protocol

/// One private network: its prefixes and the way to them.
struct Network: Hashable, Sendable {
    /// How its hosts are reached.
    enum Via: Hashable, Sendable {
        /// Through an ssh gateway, dialled on demand.
        case ssh(TunnelSettings)
        /// By the host's own routes: no tunnel, nothing to dial.
        case direct
    }

    /// When a client's connect() succeeds.
    enum Connect: Hashable, Sendable {
        /// Once the far side has accepted: a refusal is seen as a refusal.
        case truthful
        /// At once; what the far side says comes later, as a reset.
        case eager
    }

    /// `[a-z0-9][a-z0-9-]{0,31}`, unique.
    let name: String

    /// Not empty, ascending, each in one network only. A longer one of another network wins.
    let prefixes: [Prefix]

    let via: Via
    let connect: Connect

    /// Where the network's `[[network]]` stands.
    let source: SourcePosition

    /// The settings of its ssh tunnel; nil where it needs none.
    var ssh: TunnelSettings? {
        switch via {
        case .ssh(let settings): settings
        case .direct: nil
        }
    }

}
