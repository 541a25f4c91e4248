internal import Protocol

/// The networks of a configuration: those of its tables as they are, and those of maps in a form
/// that takes little room. Each of the latter is made when somebody asks for it.
struct Networks: RandomAccessCollection, Hashable, Sendable, ExpressibleByArrayLiteral {
    /// They come first.
    var tables: [Network]

    /// One for each map, in their order.
    private(set) var maps: [MappedNetworks] = []

    init(_ tables: [Network] = []) { self.tables = tables }

    init(arrayLiteral tables: Network...) { self.tables = tables }

    var startIndex: Int { 0 }

    var endIndex: Int { maps.reduce(tables.count) { $0 + $1.count } }

    subscript(place: Int) -> Network {
        if place < tables.count { return tables[place] }
        var rest = place - tables.count
        for map in maps {
            if rest < map.count { return map[rest] }
            rest -= map.count
        }
        preconditionFailure("there is no network at \(place)")
    }

    mutating func append(_ map: MappedNetworks) { maps.append(map) }

    /// All names, in order.
    var names: [String] {
        tables.map(\.name) + maps.flatMap { $0.entries.records.map(\.name) }
    }

    /// The tunnels to one of these hosts, and all whose host nobody knows.
    ///
    /// For whoever has the name of a tunnel, which begins with its host: the names of all tunnels are
    /// too many to be made.
    func tunnels(to hosts: Set<String>) -> Set<TunnelSettings> {
        var found = Set(tables.compactMap(\.tunnel).filter { $0.host.map(hosts.contains) ?? true })
        guard !hosts.isEmpty else { return found }
        for map in maps {
            let isWanted = map.entries.gateways.map { hosts.contains($0.host) }
            for record in map.entries.records where isWanted[Int(record.gateway)] {
                found.insert(map.tunnel(to: map.entries.gateways[Int(record.gateway)]))
            }
        }
        return found
    }

    /// Those of the names that are a tunnel's.
    func tunnelNames(among names: Set<String>) -> Set<String> {
        names.intersection(tunnels(to: TunnelSettings.hosts(in: names)).map(\.name))
    }

    /// The networks of maps whose gateways have their names within one of these domains.
    func mapped(behind domains: [String]) -> [Network] {
        guard !domains.isEmpty else { return [] }
        return maps.flatMap { map in
            let isWanted = map.entries.gateways.map { gateway in
                let host = gateway.host.lowercased()
                return domains.contains { host == $0 || host.hasSuffix(".\($0)") }
            }
            return map.indices.filter { isWanted[Int(map.entries.records[$0].gateway)] }
                .map { map[$0] }
        }
    }

    /// All but those of these names.
    func without(_ names: Set<String>) -> Networks {
        guard !names.isEmpty else { return self }
        var rest = Networks(tables.filter { !names.contains($0.name) })
        for map in maps {
            var entries = map.entries
            let records = entries.records
            entries.keep { !names.contains(records[$0].name) }
            rest.append(MappedNetworks(settings: map.settings, entries: entries))
        }
        return rest
    }

    /// True where a line of a map has the prefix.
    func isMapped(_ prefix: Prefix) -> Bool {
        maps.contains { $0.entries.records.contains { $0.prefix == prefix } }
    }
}

/// The networks of one map: what its entries say, and what its settings say for all of them.
struct MappedNetworks: RandomAccessCollection, Hashable, Sendable {
    let settings: MapSettings

    /// Each has a name.
    let entries: MapEntries

    var startIndex: Int { 0 }
    var endIndex: Int { entries.count }

    subscript(place: Int) -> Network {
        let record = entries.records[place]
        return Network(
            name: record.name, prefixes: [record.prefix],
            via: .tunnel(tunnel(to: entries.gateways[Int(record.gateway)])),
            connect: settings.connect, source: entries.position(place))
    }

    func tunnel(to gateway: GatewayAddress) -> TunnelSettings {
        var client = settings.client
        client.gateway = gateway
        return TunnelSettings(idleMs: settings.idleMs, client: .ssh(client))
    }

    /// Where the gateway of this tunnel stands; nil where no entry has such a tunnel.
    func gateway(of tunnel: TunnelSettings) -> UInt32? {
        guard case .ssh(let client) = tunnel.client, self.tunnel(to: client.gateway) == tunnel
        else { return nil }
        return entries.place(of: client.gateway)
    }
}
