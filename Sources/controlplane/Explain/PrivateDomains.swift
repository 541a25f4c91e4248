internal import Protocol
internal import Reports

/// Which network a name belongs to, and who is asked for it: the configuration's word, and with a
/// running controlplane the zones', in which is what gateways pushed. Pure.
struct PrivateDomains {
    let configuration: Configuration
    /// Empty where dvpn does not run.
    let zones: [Zone]

    /// The longest domain that the name is in.
    func domain(of name: String) -> ExplainFacts.Domain? {
        let name = DomainName.canonical(name)
        var best: ExplainFacts.Domain?
        func offer(_ domains: [String], _ make: (String) -> ExplainFacts.Domain) {
            for domain in domains where name == domain || name.hasSuffix(".\(domain)") {
                if let best, best.domain.utf8.count >= domain.utf8.count { continue }
                best = make(domain)
            }
        }
        for network in configuration.networks {
            offer(network.domains) { domain in
                let zone = zones.first { $0.network == network.name }
                return .init(
                    domain: domain, network: network.name, source: "\(network.source)",
                    servers: zone.map { $0.servers.map(\.text) } ?? network.nameServers,
                    isOverTCP: network.packets == nil)
            }
        }
        for zone in zones {
            offer(zone.domains) { domain in
                .init(
                    domain: domain, network: zone.network, source: "what its gateway pushed",
                    servers: zone.servers.map(\.text), isOverTCP: zone.path == .connections)
            }
        }
        return best
    }

    /// The domain that differs from an end of the name by slips of the hand.
    func meant(by name: String) -> ExplainFacts.Domain? {
        let labels = DomainName.canonical(name).split(separator: ".")
        for network in configuration.networks {
            for domain in network.domains {
                let count = domain.split(separator: ".").count
                let end = labels.suffix(count).joined(separator: ".")
                guard labels.count > count, Spelling.nearest(to: end, in: [domain]) != nil else {
                    continue
                }
                return .init(domain: domain, network: network.name, source: "\(network.source)")
            }
        }
        return nil
    }

    /// Whether looking up a name may ask for a private one: the C library tries it with each of the
    /// domains that are searched, too.
    func isPrivate(_ name: String, _ searched: [String]) -> Bool {
        if domain(of: name) != nil { return true }
        return !name.hasSuffix(".") && searched.contains { domain(of: "\(name).\($0)") != nil }
    }
}
