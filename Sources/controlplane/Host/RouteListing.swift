internal import FoundationEssentials
internal import Protocol

/// What `ip -json route show table all proto 214` says, as routes of ours.
enum RouteListing {
    private struct Metrics: Decodable {
        let mtu: Int?
    }

    private struct Entry: Decodable {
        let type: String?
        let dst: String
        let dev: String?
        let table: String?
        let metric: UInt32?
        let prefsrc: String?
        let gateway: String?
        let metrics: [Metrics]?
    }

    /// - Parameter family: the family that was asked for: the listing says only `default`.
    /// - Returns: what bears our protocol, in whatever table; of a kind that dvpn does not make, as
    ///   `.other`, so that it gets removed.
    static func parse(_ json: String, _ family: Family) throws(HostError) -> [HostRoute] {
        try ListingJSON.decode([Entry].self, json, "ip route").compactMap { entry in
            // `ip -4` lists the IPv6 tables as well when it is asked for all of them by name.
            guard let prefix = Prefix(listed: entry.dst, family),
                prefix.family == family, let table = number(entry.table)
            else { return nil }
            let kind =
                entry.gateway == nil
                ? HostRoute.Kind(rawValue: entry.type ?? "unicast") ?? .other : .other
            // The kernel shows IPv6 routes without a device as being on lo.
            return HostRoute(
                table: table, prefix: prefix, kind: kind,
                device: kind == .unicast ? entry.dev : nil, metric: entry.metric ?? 0,
                source: entry.prefsrc, mtu: entry.metrics?.lazy.compactMap(\.mtu).first)
        }
    }

    /// A table by number or by one of the names that every system has.
    static func number(_ table: String?) -> UInt32? {
        switch table {
        case nil, "main": 254
        case "local": 255
        case "default": 253
        case .some(let text): UInt32(text)
        }
    }
}
