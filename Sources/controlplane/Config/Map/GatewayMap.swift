internal import Protocol

/// The networks of all sources as one.
///
/// What stands first wins: tables before hosts files, one of these before those behind it. A prefix
/// that is overruled is left out and named in a notice.
struct GatewayMap {
    private(set) var networks = Networks()
    private(set) var notices: [ConfigNotice] = []

    private var owned = OwnedPrefixes()
    private var names: UniqueNames

    /// - Parameter sources: what they have, in the order in which they count.
    init(_ sources: [SourceNetworks]) {
        names = UniqueNames(capacity: sources.reduce(0) { $0 + $1.count })
        for (place, source) in sources.enumerated() {
            switch source {
            case .tables(let tables): add(tables)
            // Nobody comes after the last: what it has need not be known.
            case .mapped(let map): add(map, isLast: place == sources.count - 1)
            }
        }
    }

    private mutating func add(_ tables: [Network]) {
        networks.tables += tables
        for network in tables {
            _ = names.insert(network.name)
            for prefix in network.prefixes { owned.add(prefix, network.source) }
        }
    }

    private mutating func add(_ map: MappedNetworks, isLast: Bool) {
        let entries = map.entries
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
        networks.append(MappedNetworks(settings: map.settings, entries: kept))
        guard !isLast else { return }
        for place in kept.indices { owned.add(kept.records[place].prefix, kept.position(place)) }
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
