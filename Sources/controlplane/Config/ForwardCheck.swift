internal import Protocol
internal import Reports

/// What can be said of forwards only when all networks are known, those of the map included.
enum ForwardCheck {
    /// Puts addresses in place of names that the map has, and complains.
    ///
    /// - Parameter lookUp: what the map says of a name.
    static func complete(
        _ configuration: inout Configuration, lookUp: (String) -> (Address, Family)?
    ) throws(ConfigErrors) {
        guard !configuration.forwards.isEmpty else { return }
        let wanted = Set(configuration.forwards.map(\.network))
        let networks = Dictionary(
            uniqueKeysWithValues: configuration.networks.lazy.filter { wanted.contains($0.name) }
                .map { ($0.name, $0) })
        var errors: [ConfigError] = []
        for index in configuration.forwards.indices {
            let forward = configuration.forwards[index]
            guard let network = networks[forward.network] else {
                let near = Spelling.nearest(
                    to: forward.network, in: configuration.networks.map(\.name))
                errors.append(
                    ConfigError(
                        position: forward.places.network,
                        message: "there is no network \"\(forward.network)\"",
                        hint: near.map { "did you mean \"\($0)\"?" }))
                continue
            }
            guard case .name(let name) = forward.target else { continue }
            if let (address, family) = lookUp(name) {
                configuration.forwards[index].target = .address(address, family)
            } else if network.tunnel == nil || network.packets != nil {
                errors.append(
                    ConfigError(
                        position: forward.places.target,
                        message: "nobody in network \"\(network.name)\" looks \"\(name)\" up",
                        hint: "only a gateway by ssh does: write the host's address"))
            }
        }
        guard errors.isEmpty else { throw ConfigErrors(errors) }
    }
}
