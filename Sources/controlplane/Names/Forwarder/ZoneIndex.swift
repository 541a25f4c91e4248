internal import Protocol

/// Finds the zone that a name belongs to.
struct ZoneIndex: Sendable {
    /// An index into the zones that this was made of.
    enum Match: Equatable, Sendable {
        case zone(Int)
        /// The own name of this zone's gateway, which is not the private servers' business.
        case gateway(Int)
    }

    private var names: [DNSName: Match] = [:]
    private var prefixes: [Prefix: Int] = [:]

    init(_ zones: [Zone]) {
        for (index, zone) in zones.enumerated() {
            for domain in zone.domains { add(domain, .zone(index)) }
            for prefix in zone.prefixes where prefixes[prefix] == nil { prefixes[prefix] = index }
        }
        for (index, zone) in zones.enumerated() {
            if let gateway = zone.gateway { add(gateway.name, .gateway(index)) }
        }
    }

    private mutating func add(_ text: String, _ match: Match) {
        guard let name = DNSName(text), name != .root, names[name] == nil else { return }
        names[name] = match
    }

    /// The longest domain that the name is in; for a reverse name else the longest prefix.
    ///
    /// - Returns: also that domain, which is one of few; for a prefix its family's reverse domain.
    func match(_ name: DNSName) -> (match: Match, domain: String)? {
        var candidate: DNSName? = name
        while let current = candidate {
            if let found = names[current] { return (found, current.text) }
            candidate = current.parent
        }
        guard let block = ReverseZone.prefix(name) else { return nil }
        for length in stride(from: Int(block.length), through: 0, by: -1) {
            let length = UInt8(length)
            let prefix = Prefix(
                family: block.family, length: length, address: block.address.masked(length))
            guard let index = prefixes[prefix] else { continue }
            return (.zone(index), block.family == .ipv4 ? "in-addr.arpa" : "ip6.arpa")
        }
        return nil
    }
}
