internal import Protocol

/// The configured networks as the planes and tunnels need to find them. Pure.
struct NetworkTable: Sendable {
    /// Where each network stands in the configuration.
    private var indices: [UInt32: Int32] = [:]
    /// The networks of each tunnel, in the order of the configuration.
    private(set) var members: [TunnelSettings: [UInt32]] = [:]
    private let configuration: Configuration
    private let numbers: NetworkNumbers

    init(_ configuration: Configuration, _ numbers: NetworkNumbers) {
        self.configuration = configuration
        self.numbers = numbers
        indices.reserveCapacity(configuration.networks.count)
        for (index, network) in configuration.networks.enumerated() {
            guard let id = numbers.byName[network.name] else { continue }
            indices[id] = Int32(index)
            if let settings = network.tunnel { members[settings, default: []].append(id) }
        }
    }

    /// The network of that number; nil where none is configured.
    func network(_ id: UInt32) -> Network? {
        indices[id].map { configuration.networks[Int($0)] }
    }

    func id(of name: String) -> UInt32? {
        guard let id = numbers.byName[name], indices[id] != nil else { return nil }
        return id
    }

    /// The names of all tunnels: what else is found running is nobody's.
    static func tunnelNames(_ configuration: Configuration) -> Set<String> {
        Set(configuration.networks.compactMap { $0.tunnel?.name })
    }

    /// The tunnel of a network; nil where it needs none, or is not configured.
    func tunnel(of id: UInt32) -> TunnelSettings? { network(id)?.tunnel }

    /// Networks that the host's own routes reach.
    var direct: [UInt32] {
        indices.filter { configuration.networks[Int($0.value)].tunnel == nil }.keys.sorted()
    }

    /// The whole table for the dataplane.
    func messages(generation: UInt64) -> [Message] {
        var filters = FilterTable()
        var settings: [NetworkSettings] = []
        var prefixes: [PrefixEntry] = []
        for (id, index) in indices.sorted(by: { $0.key < $1.key }) {
            let network = configuration.networks[Int(index)]
            settings.append(self.settings(id, network, &filters))
            prefixes += network.prefixes.map { PrefixEntry(prefix: $0, network: id) }
        }
        return TableFrames(
            generation: generation, networks: settings, prefixes: prefixes, filters: filters.rules
        ).messages
    }

    private func settings(
        _ id: UInt32, _ network: Network, _ filters: inout FilterTable
    ) -> NetworkSettings {
        // A tunnel with a device is a way of the host's like any other, once packets are bound to it.
        let isSocks = network.tunnel != nil && network.packets == nil
        let limits = configuration.limits
        var flags: NetworkSettings.Flags = []
        if let packets = network.packets {
            flags = packets.tcp == .route ? [.packets, .routesTCP] : [.packets]
        }
        return NetworkSettings(
            id: id, connector: isSocks ? .socks : .direct,
            mode: network.connect == .eager ? .eager : .truthful, flags: flags,
            holdMs: UInt32(max(configuration.holdMs, network.holdMs ?? 0)),
            halfOpenMax: UInt32(limits.halfOpenMax), connectionsMax: UInt32(limits.connectionsMax),
            device: network.packets.flatMap { DeviceName($0.device) } ?? DeviceName(),
            halfOpenPerSourceMax: UInt32(limits.halfOpenPerSourceMax),
            filter: network.packets.map { filters.number($0.start) } ?? 0)
    }

    /// What the host's network has to be like.
    func hostInput(users: HostUsers, gateways: Set<Prefix>) -> HostInput {
        let networks = configuration.networks.map { network in
            HostInput.Network(
                prefixes: network.prefixes, path: network.tunnel == nil ? .direct : .tunnel,
                connect: network.connect == .eager ? .eager : .truthful, packets: network.packets,
                idleMs: network.tunnel?.idleMs, blockedPorts: network.blockedPorts)
        }
        var input = HostInput(networks: networks, lan: configuration.lan, users: users)
        input.gateways = gateways
        input.masquerade = configuration.masquerade
        return input
    }
}
