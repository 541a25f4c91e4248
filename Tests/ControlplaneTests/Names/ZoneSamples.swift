import Protocol

@testable import controlplane

/// Zones for tests, from text.
enum ZoneSamples {
    static func zone(
        _ network: String = "work", domains: [String] = ["corp.example"],
        prefixes: [String] = ["10.66.0.0/16"], servers: [String] = ["10.66.0.10"],
        gateway: Zone.Gateway? = nil, path: Zone.Path = .packets, reach: Zone.Reach = .up
    ) -> Zone {
        Zone(
            network: network, domains: domains,
            prefixes: prefixes.compactMap { try? Prefix(text: $0) },
            servers: servers.compactMap { Nameserver(text: $0) }, gateway: gateway, path: path,
            reach: reach)
    }
}
