internal import FoundationEssentials
internal import Reports

/// Networks with all that is known of them: a table of all, or one in full. Pure: the time is given.
enum NetworksText {
    /// One row for each network.
    static func table(_ networks: [NetworkReport], now: Date) -> String {
        guard !networks.isEmpty else { return "no networks are configured\n" }
        return Table.format(
            [
                "NETWORK", "STATE", "FOR", "OPEN", "PARKED", "IN", "OUT", "VIA", "DEVICE",
                "PREFIXES",
            ],
            networks.map { network in
                [
                    network.name, network.state.rawValue, NetworkText.age(network, now),
                    "\(network.connections.open)", "\(network.connections.parked)",
                    bytes(network.bytesIn), bytes(network.bytesOut), network.via,
                    network.device ?? "-", NetworkText.prefixes(network.prefixes),
                ]
            }, rightAligned: [3, 4, 5, 6])
    }

    /// One network in full: a line for each thing that is known.
    static func details(_ network: NetworkReport, now: Date) -> String {
        func left(_ date: Date) -> String { NetworkText.left(date, now) }
        let open = network.connections
        let facts: [(String, String?)] = [
            ("why", network.reason),
            ("asks", network.asks.map { "\($0) (dvpnctl login \(network.name))" }),
            ("last error", network.lastError.map { NetworkText.failure($0, now) }),
            ("next dial", network.nextRetry.map { "by the first packet after \(left($0))" }),
            ("closes", network.idleClosesAt.map { "in \(left($0)), if nothing comes" }),
            ("kept up by", network.keptUpBy),
            ("via", network.via),
            ("gateway", network.gateway),
            ("device", network.device),
            ("address", network.address),
            ("masters", network.masters.map(String.init)),
            ("prefixes", network.prefixes.joined(separator: " ")),
            ("connections", "\(open.open) open, \(open.opening) opening, \(open.parked) parked"),
            (
                "carried",
                network.bytesIn.map { "\(Quantity.bytes($0)) in, \(bytes(network.bytesOut)) out" }
            ),
        ]
        let age = network.state == .routed ? "" : " for \(NetworkText.age(network, now))"
        return "\(network.name): \(network.state.rawValue)\(age)\n"
            + facts.compactMap { name, value in
                value.map { "    \(Table.pad(name, 13))\($0)\n" }
            }.joined()
    }

    private static func bytes(_ count: UInt64?) -> String {
        count.map(Quantity.bytes) ?? "-"
    }
}
