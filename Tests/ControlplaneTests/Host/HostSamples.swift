import Protocol

@testable import controlplane

/// Inputs that several tests share.
enum HostSamples {
    /// Every feature at once: both paths, both ways to connect, both families, two LAN interfaces,
    /// a gateway inside its own prefix, a direct network and a LAN subnet inside a tunnelled
    /// prefix.
    static var everything: HostInput {
        HostInput(
            networks: [
                network(["10.1.2.0/24", "fd01:2::/64"]),
                network(["10.64.0.0/10", "203.0.113.0/24"]),
                network(["10.3.0.0/16", "fd03::/32"], connect: .eager),
                network(["10.66.0.0/16", "192.168.7.0/24", "fd66::/32"], .direct),
                network(["10.67.0.0/16", "fd67::/32"], .direct, connect: .eager),
            ],
            lan: ["lan0", "br-guest"], lanSubnets: prefixes(["10.65.1.0/24", "192.168.77.0/24"]),
            gateways: Set(prefixes(["203.0.113.7/32", "198.51.100.1/32"])),
            exemptUsers: [998, 997])
    }

    /// A laptop: this host's own programs, one network, no IPv6.
    static var laptop: HostInput {
        var input = HostInput(
            networks: [network(["10.1.2.0/24", "fd01:2::/64"])], lan: [], exemptUsers: [998])
        input.ipv6 = false
        return input
    }

    static func network(
        _ texts: [String], _ path: HostInput.Network.Path = .tunnel,
        connect: HostInput.Network.Connect = .truthful
    ) -> HostInput.Network {
        HostInput.Network(prefixes: prefixes(texts), path: path, connect: connect)
    }

    static func prefixes(_ texts: [String]) -> [Prefix] { texts.map(prefix) }

    static func prefix(_ text: String) -> Prefix {
        guard let prefix = Prefix(listed: text, .ipv4) else { preconditionFailure(text) }
        return prefix
    }
}
