internal import Protocol

/// Gathers what an explanation needs from the host and the configuration.
struct ExplainSurvey {
    let host: any HostSystem
    let configuration: Configuration
    /// The configuration could be read.
    var isConfigured = true
    /// With the domains that gateways pushed; empty where dvpn does not run.
    var zones: [Zone] = []
    /// Networks whose tunnel is up: to ask for a name there dials nothing.
    var standing: Set<String> = []
    /// Where gateways were found that are known by a name.
    var gateways: [String] = []

    /// - Parameter tries: whether to make a connection.
    /// - Returns: all but what only a running controlplane knows, and the network's configuration.
    func facts(_ target: HostPort, tries: Bool) async -> (ExplainFacts, Network?) {
        var facts = ExplainFacts()
        facts.host = target.host
        facts.port = target.port.flatMap { Int($0) }
        facts.isName = Address.parse(target.host) == nil
        if facts.isName { names(&facts, tries: tries) }
        if facts.isLookedUp { facts.address = await Resolver.address(of: target.host) }
        guard let text = facts.address, let (address, family) = Address.parse(text) else {
            guard !facts.isLookedUp, let name = facts.domain?.network,
                let network = configuration.networks.first(where: { $0.name == name })
            else { return (facts, nil) }
            take(network, into: &facts)
            return (facts, network)
        }
        facts.family = family
        let owner = owner(of: address, family)
        if let (network, prefix) = owner {
            facts.prefix = prefix
            take(network, into: &facts)
            facts.lan = configuration.lan
            facts.isGateway =
                gateways.contains(text)
                || configuration.networks.contains { $0.tunnel?.host == text }
            facts.strictPath =
                ([HostNames.device] + [facts.device].compactMap(\.self)).lazy
                .compactMap { ReversePath.complaint($0, host.setting) }.first
        }
        if owner != nil || !isConfigured {
            await kernel(&facts, KernelLook(host: host, address: address, family: family))
        }
        if tries, let port = facts.port {
            let before = facts.device.flatMap(DeviceCounters.received)
            facts.attempt = await ConnectionAttempt.make(text, port)
            if facts.attempt?.failure != nil {
                facts.symptom = TunnelSymptom(
                    receivedBefore: before, after: facts.device.flatMap(DeviceCounters.received))
            }
        }
        return (facts, owner?.network)
    }

    private func names(_ facts: inout ExplainFacts, tries: Bool) {
        let domains = PrivateDomains(configuration: configuration, zones: zones)
        facts.domain = domains.domain(of: facts.host)
        if facts.domain == nil { facts.meant = domains.meant(by: facts.host) }
        let resolver = ((try? ProcessFiles.text(ResolverFile.path)) ?? nil) ?? ""
        let servers = ResolverFile.nameservers(resolver)
        // What may be private nobody else shall hear of.
        let stands = facts.domain.map { standing.contains($0.network) } ?? false
        facts.isLookedUp =
            tries || stands
            || (isConfigured && !domains.isPrivate(facts.host, ResolverFile.searched(resolver)))
        facts.nameservers = servers.map(\.hostText)
        facts.elsewhere = ResolverCheck.elsewhere(configuration.dns, servers) {
            NameService.isLocal($0)
        }
        if configuration.dns.needsForwarder {
            facts.forwarder =
                Nameserver.loopback(port: UInt16(configuration.dns.forwarderPort)).text
        }
    }

    private func take(_ network: Network, into facts: inout ExplainFacts) {
        facts.source = "\(network.source)"
        facts.isEager = network.connect == .eager
        facts.device = network.tunnel?.device
        facts.expectedSets = Redirection.sets(of: network)
    }

    private func kernel(_ facts: inout ExplainFacts, _ look: KernelLook) async {
        facts.isGuarded = await look.isGuarded()
        facts.rules = await look.rules()
        facts.route = await look.route()
        facts.redirection = await look.redirection(port: facts.port)
        if facts.expectedSets.contains(.steered) {
            facts.marked = await look.route(mark: HostNames.mark)
        }
    }

    /// The longest prefix decides.
    private func owner(of address: Address, _ family: Family) -> (network: Network, prefix: Prefix)?
    {
        var best: (network: Network, prefix: Prefix)?
        for network in configuration.networks {
            for prefix in network.prefixes where prefix.contains(address, family) {
                if let best, best.prefix.length >= prefix.length { continue }
                best = (network, prefix)
            }
        }
        return best
    }
}
