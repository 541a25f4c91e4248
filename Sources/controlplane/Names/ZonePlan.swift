internal import Protocol

/// Which names belong to which network, and who knows them: the configuration, joined by what
/// gateways pushed as far as that does no harm.
///
/// What a gateway says is checked here, whenever it is used: what it says today may have been kept
/// from a day on which other networks were configured.
struct ZonePlan: Equatable, Sendable {
    /// In the order of the configuration.
    private(set) var zones: [Zone] = []

    /// What is not taken from a gateway, and why: sentences for the log.
    private(set) var refusals: [String] = []

    /// - Parameters:
    ///   - networks: with the prefixes that gateways pushed, where these are accepted.
    ///   - others: networks without names of their own, whose gateways have theirs within one of
    ///     these domains.
    ///   - pushed: by network.
    ///   - lastGood: where a gateway was found last, by its name.
    ///   - state: how a network fares.
    init(
        _ networks: [Network], pushed: [String: PushedSettings], lastGood: [String: String],
        others: ([String]) -> [Network] = { _ in [] },
        state: (TunnelSettings) -> TunnelMachine.DataState
    ) {
        var owners: [String: String] = [:]
        for network in networks {
            for domain in network.domains { owners[domain] = network.name }
        }
        var found:
            [(network: Network, key: TunnelSettings, domains: [String], servers: [Nameserver])] = []
        for network in networks {
            guard let key = network.tunnel else { continue }
            let isCarried = key.device != nil
            let told = isCarried ? pushed[network.name] ?? PushedSettings() : PushedSettings()
            let domains = domains(network, told, owners)
            let servers = servers(network, told, outside: Self.outside(key, lastGood))
            found.append((network, key, domains, servers))
        }
        // A gateway may have its name in another network's domain.
        let privateDomains = found.flatMap(\.domains)
        for network in others(privateDomains) {
            if let key = network.tunnel { found.append((network, key, [], [])) }
        }
        for (network, key, own, servers) in found {
            let gateway = Self.gateway(of: key, in: privateDomains, lastGood)
            let hasNames = !own.isEmpty || !servers.isEmpty
            guard hasNames || gateway != nil else { continue }
            zones.append(
                Zone(
                    network: network.name, domains: own,
                    prefixes: hasNames ? network.prefixes : [], servers: servers, gateway: gateway,
                    path: key.device == nil ? .connections : .packets,
                    reach: Self.reach(network, state(key))))
        }
    }

    private mutating func domains(
        _ network: Network, _ told: PushedSettings, _ owners: [String: String]
    ) -> [String] {
        var domains = network.domains
        for text in told.domains {
            let domain = DomainName.canonical(text)
            guard !domains.contains(domain) else { continue }
            if let objection = Self.objection(to: domain, network.name, owners) {
                refuse(network, "domain \(domain)", objection)
            } else {
                domains.append(domain)
            }
        }
        return domains
    }

    /// A gateway may say what is its own network's; it may not take names from others.
    private static func objection(
        to domain: String, _ network: String, _ owners: [String: String]
    ) -> String? {
        if DomainName.objection(to: domain) != nil { return "it is no domain" }
        let labels = domain.split(separator: ".")
        if labels.last == "arpa" { return "prefixes say whose the names of addresses are" }
        if labels.count < 2 {
            return "a domain at the top has many owners; write it into `domains` where it is meant"
        }
        for start in labels.indices {
            let owner = owners[labels[start...].joined(separator: ".")]
            // The longest decides: a part of another's domain may have been given to this one.
            if let owner { return owner == network ? nil : "it belongs to network \(owner)" }
        }
        return nil
    }

    /// Only those that are reached through the tunnel: others would be asked in the clear.
    private mutating func servers(
        _ network: Network, _ told: PushedSettings, outside: String?
    ) -> [Nameserver] {
        let isChosen = !network.nameServers.isEmpty
        return (isChosen ? network.nameServers : told.nameServers).compactMap { text in
            guard let server = Nameserver(text: text) else { return nil }
            let what = "name server \(server.hostText)"
            let isInside = network.prefixes.contains {
                $0.contains(server.address, server.family)
            }
            if !isInside {
                let reason = "it lies in none of the network's prefixes"
                refuse(network, what, "\(reason), and would be asked in the clear")
            } else if server.hostText == outside {
                refuse(network, what, "it is the gateway, which is reached outside of the tunnel")
            } else {
                return server
            }
            return nil
        }
    }

    /// Where the gateway itself is, as far as that is known.
    private static func outside(_ key: TunnelSettings, _ lastGood: [String: String]) -> String? {
        guard let host = key.host else { return nil }
        return Address.parse(host).map { $0.address.text($0.family) } ?? lastGood[host]
    }

    private mutating func refuse(_ network: Network, _ what: String, _ reason: String) {
        refusals.append("network \(network.name): \(what) is not used: \(reason)")
    }

    private static func gateway(
        of key: TunnelSettings, in domains: [String], _ lastGood: [String: String]
    ) -> Zone.Gateway? {
        guard let host = key.host?.lowercased(), Address.parse(host) == nil,
            domains.contains(where: { host == $0 || host.hasSuffix(".\($0)") })
        else { return nil }
        return Zone.Gateway(name: host, lastGood: lastGood[host])
    }

    private static func reach(
        _ network: Network, _ state: TunnelMachine.DataState
    ) -> Zone.Reach {
        switch state {
        case .up: .up
        case .dialling: .asleep
        case .refusing: .refusing
        case .idle:
            // A question is a packet like any other: it starts the tunnel if it may.
            network.packets?.start.allows(ipProtocol: 17, port: 53) ?? true ? .asleep : .refusing
        }
    }
}
