/// The networks of each tunnel, by their numbers. Pure.
///
/// Tables have their tunnels' settings beside them; a map has none, but a list of its networks by
/// their gateways.
struct TunnelMembers: Sendable {
    private let tables: [TunnelSettings: [UInt32]]
    private let maps: [Mapped]

    fileprivate struct Mapped {
        let networks: MappedNetworks
        /// The networks' numbers, those of one gateway beside each other.
        var ids: [UInt32]
        /// Where those of each gateway begin; one more than gateways.
        var starts: [UInt32]
    }

    /// - Parameter ids: the networks' numbers, in their order; 0 for one that has none.
    init(_ networks: Networks, _ ids: [UInt32]) {
        var tables: [TunnelSettings: [UInt32]] = [:]
        for (network, id) in zip(networks.tables, ids) where id != 0 {
            if let settings = network.tunnel { tables[settings, default: []].append(id) }
        }
        self.tables = tables
        var next = networks.tables.count
        maps = networks.maps.map { map in
            defer { next += map.count }
            return Mapped(map, ids[next..<(next + map.count)])
        }
    }

    /// In the order of the configuration; nil where no network has this tunnel.
    subscript(tunnel: TunnelSettings) -> [UInt32]? {
        var found = tables[tunnel] ?? []
        for map in maps { found += map.ids(of: tunnel) }
        return found.isEmpty ? nil : found
    }

    /// Tunnels with a device, which only tables have.
    var devices: [TunnelSettings] { tables.keys.filter { $0.device != nil } }
}

extension TunnelMembers.Mapped {
    init(_ networks: MappedNetworks, _ ids: ArraySlice<UInt32>) {
        self.networks = networks
        let records = networks.entries.records
        // By counting: how many each gateway has, where they begin, and each to its place.
        starts = [UInt32](repeating: 0, count: networks.entries.gateways.count + 1)
        for (record, id) in zip(records, ids) where id != 0 { starts[Int(record.gateway) + 1] += 1 }
        for index in starts.indices.dropFirst() { starts[index] += starts[index - 1] }
        var next = starts
        self.ids = [UInt32](repeating: 0, count: Int(starts.last ?? 0))
        for (record, id) in zip(records, ids) where id != 0 {
            self.ids[Int(next[Int(record.gateway)])] = id
            next[Int(record.gateway)] += 1
        }
    }

    func ids(of tunnel: TunnelSettings) -> ArraySlice<UInt32> {
        guard let gateway = networks.gateway(of: tunnel).map(Int.init) else { return [] }
        return ids[Int(starts[gateway])..<Int(starts[gateway + 1])]
    }
}
