internal import Protocol

/// What the configuration and the tunnels want of the host's network, and the little that dvpn must
/// know about the host to say it.
struct HostInput: Equatable, Sendable {
    /// A private network as the host's network sees it.
    struct Network: Equatable, Sendable {
        /// How its packets travel once they need not be held.
        enum Path: Sendable {
            /// Through a tunnel; its prefixes are routed to the doorbell and guarded.
            case tunnel
            /// As this host routes them already; only their TCP connections visit the doorbell.
            case direct
        }

        /// When the far side is opened: before the client's connect() succeeds, or after.
        enum Connect: Sendable {
            case truthful
            case eager
        }

        let prefixes: [Prefix]
        let path: Path
        let connect: Connect

        /// How packets travel, where the tunnel has a device.
        var packets: PacketSettings?

        /// Without use for this long its tunnel is closed, in milliseconds; nil: never.
        var idleMs: Int?

        /// TCP and UDP ports that nobody reaches there.
        var blockedPorts: [UInt16] = []
    }

    var networks: [Network]

    /// The devices of tunnels that have one, each with the prefixes behind it.
    var tunnels: [String: Set<Prefix>] {
        var tunnels: [String: Set<Prefix>] = [:]
        for network in networks {
            guard let device = network.packets?.device else { continue }
            tunnels[device, default: []].formUnion(network.prefixes)
        }
        return tunnels
    }

    /// True where a network has addresses of the family.
    func wants(_ family: Family) -> Bool {
        networks.contains { $0.prefixes.contains { $0.family == family } }
    }

    /// True where the plan is the same: the dataplane listens elsewhere, and nobody is led to it
    /// directly.
    func isLike(_ other: HostInput) -> Bool {
        var same = self
        same.listening = other.listening
        return same == other && !networks.contains { $0.connect == .eager }
    }

    /// Interfaces whose forwarded traffic is served; none: this host's own programs only.
    var lan: [String]

    /// What `lan` sends to the rest of the world gets this host's address.
    var masquerade = false

    /// Subnets of the addresses on `lan`. Replies to clients there are never taken for private.
    var lanSubnets: [Prefix] = []

    /// Public addresses that tunnels are going to now, as prefixes of full length.
    var gateways: Set<Prefix> = []

    var users: HostUsers

    /// In which families the port that connections are redirected to is the dataplane's; nil while
    /// that is not known.
    var listening: FamilySet?

    /// False where the kernel has no IPv6, or it is switched off: IPv6 prefixes are left out.
    var ipv6 = true
}
