internal import Protocol

/// The configured networks as the planes and tunnels need to find them. Pure.
struct NetworkTable: Sendable {
    private(set) var byID: [UInt32: Network] = [:]
    /// The networks of each tunnel, in the order of the configuration.
    private(set) var members: [TunnelSettings: [UInt32]] = [:]
    private let configuration: Configuration
    private let numbers: NetworkNumbers

    init(_ configuration: Configuration, _ numbers: NetworkNumbers) {
        self.configuration = configuration
        self.numbers = numbers
        for network in configuration.networks {
            guard let id = numbers.byName[network.name] else { continue }
            byID[id] = network
            if let settings = network.ssh { members[settings, default: []].append(id) }
        }
    }

    func id(of name: String) -> UInt32? {
        guard let id = numbers.byName[name], byID[id] != nil else { return nil }
        return id
    }

    /// The names of all tunnels: what else is found running is nobody's.
    static func tunnelNames(_ configuration: Configuration) -> Set<String> {
        Set(configuration.networks.compactMap { $0.ssh?.name })
    }

    /// The tunnel of a network; nil where it needs none, or is not configured.
    func tunnel(of id: UInt32) -> TunnelSettings? { byID[id]?.ssh }

    /// Networks that the host's own routes reach.
    var direct: [UInt32] { byID.filter { $0.value.ssh == nil }.keys.sorted() }

    /// The whole table for the dataplane.
    func messages(generation: UInt64) -> [Message] {
        var settings: [NetworkSettings] = []
        var prefixes: [PrefixEntry] = []
        for (id, network) in byID {
            settings.append(
                NetworkSettings(
                    id: id, connector: network.ssh == nil ? .direct : .socks,
                    mode: network.connect == .eager ? .eager : .truthful, flags: 0,
                    holdMs: UInt32(configuration.holdMs),
                    halfOpenMax: UInt32(configuration.limits.halfOpenMax),
                    connectionsMax: UInt32(configuration.limits.connectionsMax),
                    device: DeviceName(),
                    halfOpenPerSourceMax: UInt32(configuration.limits.halfOpenPerSourceMax)))
            prefixes += network.prefixes.map { PrefixEntry(prefix: $0, network: id) }
        }
        return TableFrames(generation: generation, networks: settings, prefixes: prefixes).messages
    }

    /// What the host's network has to be like.
    func hostInput(exemptUsers: [UInt32], gateways: Set<Prefix>) -> HostInput {
        let networks = configuration.networks.map { network in
            HostInput.Network(
                prefixes: network.prefixes, path: network.ssh == nil ? .direct : .tunnel,
                connect: network.connect == .eager ? .eager : .truthful)
        }
        var input = HostInput(networks: networks, lan: configuration.lan, exemptUsers: exemptUsers)
        input.gateways = gateways
        return input
    }
}
