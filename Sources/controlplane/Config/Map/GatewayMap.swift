internal import Protocol

/// The networks of the configuration's tables and of the map's sources as one.
///
/// What stands first wins: tables before maps, a map before those behind it. A prefix that is
/// overruled is left out and named in a notice.
struct GatewayMap {
    private(set) var networks: Networks
    private(set) var notices: [ConfigNotice] = []

    private var owned = OwnedPrefixes()
    private var names: UniqueNames

    /// - Parameters:
    ///   - tables: their networks; names and prefixes are unique.
    ///   - room: entries that will be added at most.
    init(_ tables: [Network], room: Int) {
        networks = Networks(tables)
        names = UniqueNames(capacity: room + tables.count)
        for network in tables {
            _ = names.insert(network.name)
            for prefix in network.prefixes { owned.add(prefix, network.source) }
        }
    }

    /// - Parameter entries: of one source, each prefix once.
    mutating func add(_ entries: MapEntries, _ settings: MapSettings) {
        if let last = networks.maps.last?.entries {
            for place in last.indices {
                owned.add(last.records[place].prefix, last.position(place))
            }
        }
        var kept = entries
        var overruled: Set<Int> = []
        for place in entries.indices where !owned.isEmpty {
            let prefix = entries.records[place].prefix
            guard let owner = owned.owner(of: prefix) else { continue }
            let message = "\(prefix.text) is taken from \(owner), which comes first"
            notices.append(ConfigNotice(position: entries.position(place), message: message))
            overruled.insert(place)
        }
        if !overruled.isEmpty { kept.keep { !overruled.contains($0) } }
        for place in kept.indices {
            let record = kept.records[place]
            if !record.name.isEmpty && names.insert(record.name) { continue }
            kept.rename(place, name(record.prefix))
        }
        networks.append(MappedNetworks(settings: settings, entries: kept))
    }

    /// For a network whose own name is none, or somebody else's.
    private mutating func name(_ prefix: Prefix) -> String {
        let name = NetworkName.of(prefix)
        if names.insert(name) { return name }
        // Somebody has called another network so.
        let other = "net-\(StableHash.digits(15, of: prefix.text))"
        _ = names.insert(other)
        return other
    }
}

/// Prefixes that are taken, and where that was said.
private struct OwnedPrefixes {
    private var owners: [Prefix: SourcePosition] = [:]

    var isEmpty: Bool { owners.isEmpty }

    mutating func add(_ prefix: Prefix, _ position: SourcePosition) { owners[prefix] = position }

    func owner(of prefix: Prefix) -> SourcePosition? { owners[prefix] }
}
