internal import Protocol

/// One private network: its prefixes and the way to them.
struct Network: Hashable, Sendable {
    /// How its hosts are reached.
    enum Via: Hashable, Sendable {
        /// Through a tunnel, dialled on demand.
        case tunnel(TunnelSettings)
        /// By the host's own routes: no tunnel, nothing to dial.
        case direct
    }

    /// When a client's connect() succeeds.
    enum Connect: String, Hashable, Sendable, CaseIterable {
        /// Once the far side has accepted: a refusal is seen as a refusal.
        case truthful
        /// At once; what the far side says comes later, as a reset.
        case eager
    }

    /// `[a-z0-9][a-z0-9-]{0,31}`, unique.
    let name: String

    /// Not empty, ascending, each in one network only. A longer one of another network wins.
    var prefixes: [Prefix]

    let via: Via
    let connect: Connect

    /// Where the network's `[[network]]` stands.
    let source: SourcePosition

    /// How packets travel, where the tunnel has a device.
    var packets: PacketSettings?

    /// Names that are looked up in the network: lower case, no dot at either end.
    var domains: [String] = []

    /// The network's name servers, as addresses. Empty: those that the gateway pushes.
    var nameServers: [String] = []

    /// How long a packet may wait for this network, in milliseconds; nil: as everywhere.
    var holdMs: Int?

    /// TCP and UDP ports of its hosts that nobody reaches.
    var blockedPorts: [UInt16] = []

    /// The settings of its tunnel; nil where it needs none.
    var tunnel: TunnelSettings? {
        switch via {
        case .tunnel(let settings): settings
        case .direct: nil
        }
    }
}
