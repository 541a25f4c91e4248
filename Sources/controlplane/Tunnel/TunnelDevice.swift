internal import Protocol

/// The network device of a tunnel that is up, and what its gateway wants of us.
struct TunnelDevice: Equatable, Sendable, Codable {
    let name: String

    /// Our addresses in the tunnel, as literals; the first one is shown.
    var addresses: [String] = []

    /// Bytes of the largest packet; nil where the client did not say.
    var mtu: Int?

    var pushed = PushedSettings()

    /// The address on this host's side that the tunnel itself is carried by, as far as it is known:
    /// when the host loses it, the tunnel is dead.
    var outerAddress: String?
}

/// What a gateway pushes to its clients beside an address.
struct PushedSettings: Equatable, Sendable, Codable {
    /// Addresses of name servers behind the tunnel.
    var nameServers: [String] = []

    /// Domains that are looked up there.
    var domains: [String] = []

    /// Networks that are reached through the tunnel ("split include"), as texts of prefixes. Empty
    /// where the gateway wants everything.
    var routes: [String] = []

    /// A greeting for people.
    var banner: String?
}
