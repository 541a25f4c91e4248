internal import Reports

/// The ssh gateways of a configuration, for `dvpnctl gateway`. Pure.
enum GatewayListing {
    /// - Parameter word: a network's name, or a gateway's host as it is configured.
    static func report(_ configuration: Configuration, of word: String) -> GatewaysReport {
        GatewaysReport(
            gateways: configuration.networks.compactMap { network in
                guard case .ssh(let ssh) = network.tunnel?.client,
                    network.name == word || ssh.gateway.host == word
                else { return nil }
                return GatewayReport(
                    network: network.name, user: ssh.gateway.user, host: ssh.gateway.host,
                    port: ssh.gateway.port, identity: ssh.identity, knownHosts: ssh.knownHosts,
                    prefixes: network.prefixes.map(\.text), farEnd: ssh.farEnd.rawValue)
            })
    }
}
