internal import Protocol

/// The networks of the configuration's tables and of the map's sources as one.
///
/// What stands first wins: tables before maps, a map before those behind it. A prefix that is
/// overruled is left out and named in a notice.
struct GatewayMap {
    private(set) var networks: [Network]
    private(set) var notices: [ConfigNotice] = []

    private var owners: [Prefix: SourcePosition] = [:]
    private var names: Set<String>

    /// - Parameter networks: those of the tables; names and prefixes are unique.
    init(_ networks: [Network]) {
        self.networks = networks
        names = Set(networks.map(\.name))
        for network in networks {
            for prefix in network.prefixes { owners[prefix] = network.source }
        }
    }

    /// - Parameter entries: of one source, each prefix once.
    mutating func add(_ entries: [MapEntry], _ settings: MapSettings) {
        networks.reserveCapacity(networks.count + entries.count)
        for entry in entries {
            if let owner = owners[entry.prefix] {
                let message = "\(entry.prefix.text) is taken from \(owner), which comes first"
                notices.append(ConfigNotice(position: entry.position, message: message))
                continue
            }
            owners[entry.prefix] = entry.position
            networks.append(network(entry, settings))
        }
    }

    private mutating func network(_ entry: MapEntry, _ settings: MapSettings) -> Network {
        var client = settings.client
        client.gateway = entry.gateway
        return Network(
            name: name(entry), prefixes: [entry.prefix],
            via: .tunnel(TunnelSettings(idleMs: settings.idleMs, client: .ssh(client))),
            connect: settings.connect, source: entry.position)
    }

    private mutating func name(_ entry: MapEntry) -> String {
        if let name = entry.name, names.insert(name).inserted { return name }
        let name = NetworkName.of(entry.prefix)
        if names.insert(name).inserted { return name }
        // Somebody has called another network so.
        let other = "net-\(StableHash.digits(15, of: entry.prefix.text))"
        names.insert(other)
        return other
    }
}
