internal import Protocol
internal import Reports

/// What an explanation is made from.
struct ExplainFacts: Equatable, Sendable {
    /// The longest private domain that a name is in.
    struct Domain: Equatable, Sendable {
        let domain: String
        let network: String
        let source: String
        /// Whom the forwarder asks; empty: not known yet, or nobody.
        var servers: [String] = []
        /// Whatever it came by: connections are all that gets there.
        var isOverTCP = false
    }

    /// What the kernel does with a packet to the address.
    struct Route: Equatable, Sendable {
        /// nil: it is unreachable.
        let device: String?
        let table: String
    }

    /// What came of a connection.
    struct Try: Equatable, Sendable {
        /// nil: it was made.
        let failure: String?
        let milliseconds: Int
    }

    var isRunning = true
    /// Of a configuration that cannot be read: nothing is known of networks then.
    var mistakes: [ConfigError] = []
    /// A name, or an address as text.
    var host = ""
    var port: Int?
    var isName = false
    /// The name is a network's, which somebody may have meant to ask about.
    var isNetworkName = false
    var domain: Domain?
    var nameservers: [String] = []
    /// Where dvpn's own forwarder listens; nil where there is none.
    var forwarder: String?
    /// Why these know no private names; nil where they do.
    var elsewhere: String?
    /// A private domain that the name may have been meant to be in.
    var meant: Domain?
    /// Whether the host's resolver was asked: not for a private name without a try, since that may
    /// dial.
    var isLookedUp = true
    /// What the host's resolver says; of an address itself. nil: nothing.
    var address: String?
    var family = Family.ipv4
    var prefix: Prefix?
    /// The network that owns it, with where it is configured.
    var network: NetworkReport?
    var source = ""
    var isEager = false
    /// A tunnel ends there, so that it is reached outside of all tunnels.
    var isGateway = false
    /// Interfaces of `lan`.
    var lan: [String] = []
    /// The tunnel's own device; nil where connections are spliced.
    var device: String?
    var route: Route?
    /// The same for a connection's first packet, where nftables marks that.
    var marked: Route?
    /// Everybody's, in the kernel's order.
    var rules: [PolicyRule] = []
    /// nil: nftables may not be asked.
    var redirection: Redirection?
    /// Sets that the address should be in.
    var expectedSets: [Redirection.Membership] = []
    /// Whether the guard knows the address; nil: nftables may not be asked.
    var isGuarded: Bool?
    /// Why the kernel drops what comes out of the doorbell or the tunnel.
    var strictPath: String?
    var attempt: Try?
    /// Whether the network's last dial came to nothing.
    var hasFailed = false
    /// From now to its next dial, where one is due: `network.nextRetry`.
    var retrySeconds: Int?
    /// What the tunnel suffers from although it is up.
    var symptom: TunnelSymptom?

    /// What the LAN or the way to a gateway takes from a private prefix: no tunnel is concerned.
    var isExempt: Bool {
        let isNear = route?.device.map { lan.contains($0) } ?? false
        return isGateway || (isNear && network?.state != .routed)
    }

    /// Whether the far side is known to have answered: an eager connection is made before it has.
    var hasConnected: Bool {
        guard let attempt else { return false }
        return attempt.failure == nil && !isEager
    }
}
