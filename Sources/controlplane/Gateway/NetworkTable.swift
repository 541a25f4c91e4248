internal import Protocol

/// The configured networks as the planes and tunnels need to find them. Pure.
struct NetworkTable: Sendable {
    let configuration: Configuration
    let members: TunnelMembers
    private let numbers: NetworkNumbers
    /// The number of each network, in the order of the configuration.
    private let ids: [UInt32]
    /// Where each number's network stands in the configuration, plus 1; 0 for none.
    private let places: [UInt32]

    init(_ configuration: Configuration, _ numbers: NetworkNumbers) {
        self.configuration = configuration
        self.numbers = numbers
        ids = configuration.networks.names.map { numbers.byName[$0] ?? 0 }
        var places = [UInt32](repeating: 0, count: Int(ids.max() ?? 0) + 1)
        for (place, id) in ids.enumerated() where id != 0 { places[Int(id)] = UInt32(place + 1) }
        self.places = places
        members = TunnelMembers(configuration.networks, ids)
    }

    /// Where the network of that number stands in the configuration; nil where none is configured.
    func place(_ id: UInt32) -> Int? {
        guard Int(id) < places.count, places[Int(id)] != 0 else { return nil }
        return Int(places[Int(id)]) - 1
    }

    /// The network of that number; nil where none is configured.
    func network(_ id: UInt32) -> Network? { place(id).map { configuration.networks[$0] } }

    func id(of name: String) -> UInt32? {
        guard let id = numbers.byName[name], place(id) != nil else { return nil }
        return id
    }

    /// The tunnel of a network; nil where it needs none, or is not configured.
    func tunnel(of id: UInt32) -> TunnelSettings? { network(id)?.tunnel }

    /// Networks that the host's own routes reach.
    var direct: [UInt32] {
        let tables = configuration.networks.tables
        return tables.indices.filter { tables[$0].tunnel == nil && ids[$0] != 0 }
            .map { ids[$0] }.sorted()
    }

    // MARK: - For the dataplane

    /// The whole table.
    func messages(generation: UInt64) -> [Message] {
        var filters = FilterTable()
        var settings: [NetworkSettings] = []
        var prefixes: [PrefixEntry] = []
        let networks = configuration.networks
        settings.reserveCapacity(networks.count)
        prefixes.reserveCapacity(networks.count)
        for (id, network) in zip(ids, networks.tables) where id != 0 {
            settings.append(self.settings(id, network, &filters))
            prefixes += network.prefixes.map { PrefixEntry(prefix: $0, network: id) }
        }
        var place = networks.tables.count
        for map in networks.maps {
            guard let first = map.first else { continue }
            let common = self.settings(0, first, &filters)
            for record in map.entries.records {
                let id = ids[place]
                place += 1
                guard id != 0 else { continue }
                settings.append(common.numbered(id))
                prefixes.append(PrefixEntry(prefix: record.prefix, network: id))
            }
        }
        return TableFrames(
            generation: generation, networks: settings, prefixes: prefixes, filters: filters.rules
        ).messages
    }

    /// What makes of an earlier table this one; nil where that is no less than all of it.
    ///
    /// - Parameters:
    ///   - old: whose generation is `base`.
    ///   - diff: from the one's configuration to the other's.
    func messages(
        generation: UInt64, from old: NetworkTable, base: UInt64, _ diff: ConfigDiff
    ) -> [Message]? {
        guard !diff.holdChanged, !diff.limitsChanged, filters.rules == old.filters.rules,
            diff.added.count + diff.changed.count + diff.removed.count <= Self.patchMax
        else { return nil }
        var known = filters
        var settings: [UInt32: NetworkSettings] = [:]
        var owners: [Prefix: UInt32] = [:]
        for network in diff.removed + diff.changed.map(\.before) {
            for prefix in network.prefixes { owners[prefix] = 0 }
        }
        for network in diff.removed {
            guard let id = old.id(of: network.name) else { continue }
            settings[id] = old.settings(id, network, &known).removed
        }
        for network in diff.added + diff.changed.map(\.after) {
            guard let id = id(of: network.name) else { continue }
            settings[id] = self.settings(id, network, &known)
            for prefix in network.prefixes { owners[prefix] = id }
        }
        return TableFrames(
            generation: generation, changing: base, networks: Array(settings.values),
            prefixes: owners.map { PrefixEntry(prefix: $0.key, network: $0.value) }
        ).messages
    }

    /// More than so many networks are sent as a whole table.
    private static let patchMax = 4_096

    private var filters: FilterTable {
        var filters = FilterTable()
        for network in configuration.networks.tables {
            if let packets = network.packets { _ = filters.number(packets.start) }
        }
        return filters
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

    // MARK: - For the host

    /// What the host's network has to be like. All lines of a map are one network to it.
    func hostInput(
        users: HostUsers, gateways: Set<Prefix>, listening: FamilySet? = nil
    ) -> HostInput {
        let tables = configuration.networks.tables.map { network in
            HostInput.Network(
                prefixes: network.prefixes, path: network.tunnel == nil ? .direct : .tunnel,
                connect: network.connect == .eager ? .eager : .truthful, packets: network.packets,
                idleMs: network.tunnel?.idleMs, blockedPorts: network.blockedPorts)
        }
        let maps = configuration.networks.maps.map { map in
            HostInput.Network(
                prefixes: map.entries.records.map(\.prefix), path: .tunnel,
                connect: map.settings.connect == .eager ? .eager : .truthful)
        }
        var input = HostInput(networks: tables + maps, lan: configuration.lan, users: users)
        input.gateways = gateways
        input.masquerade = configuration.masquerade
        input.listening = listening
        return input
    }
}

extension NetworkSettings {
    /// The same of another network.
    fileprivate func numbered(_ id: UInt32) -> NetworkSettings {
        NetworkSettings(
            id: id, connector: connector, mode: mode, flags: flags, holdMs: holdMs,
            halfOpenMax: halfOpenMax, connectionsMax: connectionsMax, device: device,
            halfOpenPerSourceMax: halfOpenPerSourceMax, filter: filter)
    }

    /// The same where the network goes.
    fileprivate var removed: NetworkSettings {
        NetworkSettings(
            id: id, connector: connector, mode: mode, flags: .removed, holdMs: holdMs,
            halfOpenMax: halfOpenMax, connectionsMax: connectionsMax, device: device,
            halfOpenPerSourceMax: halfOpenPerSourceMax, filter: 0)
    }
}
