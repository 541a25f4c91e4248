import Protocol

@testable import controlplane

/// Inputs that several tests share.
enum HostSamples {
    /// Every feature at once: both paths, both ways to connect, both families, two LAN interfaces
    /// whose packets to the world are masqueraded, ports that nobody reaches,
    /// a gateway inside its own prefix, a direct network and a LAN subnet inside a tunnelled
    /// prefix.
    static var everything: HostInput {
        var input = HostInput(
            networks: [
                network(["10.1.2.0/24", "fd01:2::/64"]),
                network(["10.64.0.0/10", "203.0.113.0/24"]),
                network(["10.3.0.0/16", "fd03::/32"], connect: .eager),
                network(["10.66.0.0/16", "192.168.7.0/24", "fd66::/32"], .direct),
                network(["10.67.0.0/16", "fd67::/32"], .direct, connect: .eager),
            ],
            lan: ["lan0", "br-guest"], lanSubnets: prefixes(["10.65.1.0/24", "192.168.77.0/24"]),
            gateways: Set(prefixes(["203.0.113.7/32", "198.51.100.1/32"])),
            users: HostUsers(dataplane: 998, ssh: 997))
        input.masquerade = true
        input.listening = .all()
        input.networks[0].blockedPorts = [139, 445]
        input.networks[2].blockedPorts = [445]
        return input
    }

    /// A laptop: this host's own programs, one network, no IPv6.
    static var laptop: HostInput {
        var input = HostInput(
            networks: [network(["10.1.2.0/24", "fd01:2::/64"])], lan: [],
            users: HostUsers(dataplane: 998))
        input.ipv6 = false
        return input
    }

    /// Tunnels with a device: TCP spliced and routed, with their own filters and the usual ones,
    /// beside a network behind ssh and a LAN subnet inside one of them.
    static var tunnels: HostInput {
        let spliced = PacketSettings(device: "dv-work")
        var routed = PacketSettings(device: "wg0", tcp: .route)
        routed.pass = PacketFilter(
            rules: [
                .init(isAllowed: false, ipProtocol: 17, ports: 99...100),
                .init(isAllowed: true, ipProtocol: 17), .init(isAllowed: true, ipProtocol: 6),
                .init(isAllowed: true, ipProtocol: 1, ports: 8...8),
                .init(isAllowed: true, ipProtocol: 58, ports: 128...129),
            ])
        routed.keepUp = PacketFilter(
            rules: [
                .init(isAllowed: true, ipProtocol: 1, ports: 8...8),
                .init(isAllowed: false, ipProtocol: 1), .init(isAllowed: true),
            ])
        return HostInput(
            networks: [
                network(["10.66.0.0/16", "fd66::/32"], packets: spliced, idleMs: 300_000),
                network(["172.30.0.0/16", "fd30::/32"], packets: routed),
                network(
                    ["10.68.0.0/16"], packets: PacketSettings(device: "dv-home"), idleMs: 90_500),
                network(["10.66.7.0/24", "fd01:2::/64"]),
                network(["10.9.0.0/24"], .direct),
            ],
            lan: ["lan0"], lanSubnets: prefixes(["10.66.8.0/24"]),
            users: HostUsers(dataplane: 998, ssh: 997))
    }

    static func network(
        _ texts: [String], connect: HostInput.Network.Connect = .truthful, packets: PacketSettings,
        idleMs: Int? = nil
    ) -> HostInput.Network {
        HostInput.Network(
            prefixes: prefixes(texts), path: .tunnel, connect: connect, packets: packets,
            idleMs: idleMs)
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
