internal import FoundationEssentials
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import Protocol

/// Gathers what an explanation needs from the host and the configuration.
struct ExplainSurvey {
    let host: any HostSystem
    let configuration: Configuration
    /// With the domains that gateways pushed; empty where dvpn does not run.
    var zones: [Zone] = []

    /// More is no answer to a person.
    private static let patience = TimeAmount.seconds(20)

    /// - Parameter tries: whether to make a connection.
    /// - Returns: all but what only a running controlplane knows, and the network's configuration.
    func facts(_ target: HostPort, tries: Bool) async -> (ExplainFacts, Network?) {
        var facts = ExplainFacts()
        facts.host = target.host
        facts.port = target.port.flatMap { Int($0) }
        facts.isName = Address.parse(target.host) == nil
        if facts.isName {
            facts.domain = domain(of: target.host)
            if facts.domain == nil { facts.meant = meant(by: target.host) }
            let resolver = ((try? ProcessFiles.text(ResolverFile.path)) ?? nil) ?? ""
            let servers = ResolverFile.nameservers(resolver)
            facts.isLookedUp = tries || !isPrivate(target.host, ResolverFile.searched(resolver))
            facts.nameservers = servers.map(\.hostText)
            facts.elsewhere = ResolverCheck.elsewhere(configuration.dns, servers) {
                NameService.isLocal($0)
            }
        }
        if facts.isLookedUp { facts.address = await Resolver.address(of: target.host) }
        guard let text = facts.address, let (address, family) = Address.parse(text) else {
            guard !facts.isLookedUp, let name = facts.domain?.network,
                let network = configuration.networks.first(where: { $0.name == name })
            else { return (facts, nil) }
            take(network, into: &facts)
            return (facts, network)
        }
        let owner = owner(of: address, family)
        if let (network, prefix) = owner {
            facts.prefix = prefix
            take(network, into: &facts)
            facts.isGuarded = await isGuarded(text, family)
        }
        facts.route = await route(text, family)
        if tries, let port = facts.port {
            let before = facts.device.flatMap(DeviceCounters.received)
            facts.attempt = await attempt(text, port)
            if facts.attempt?.failure != nil {
                facts.symptom = TunnelSymptom(
                    receivedBefore: before, after: facts.device.flatMap(DeviceCounters.received))
            }
        }
        return (facts, owner?.network)
    }

    private func take(_ network: Network, into facts: inout ExplainFacts) {
        facts.source = "\(network.source)"
        facts.isEager = network.connect == .eager
        facts.device = network.tunnel?.device
    }

    /// Whether looking up a name may ask for a private one: the C library tries it with each of the
    /// domains that are searched, too.
    private func isPrivate(_ name: String, _ searched: [String]) -> Bool {
        if domain(of: name) != nil { return true }
        return !name.hasSuffix(".") && searched.contains { domain(of: "\(name).\($0)") != nil }
    }

    private func domain(of name: String) -> ExplainFacts.Domain? {
        let name = DomainName.canonical(name)
        var best: ExplainFacts.Domain?
        for network in configuration.networks {
            for domain in network.domains where name == domain || name.hasSuffix(".\(domain)") {
                if let best, best.domain.utf8.count >= domain.utf8.count { continue }
                best = .init(domain: domain, network: network.name, source: "\(network.source)")
            }
        }
        for zone in zones {
            for domain in zone.domains where name == domain || name.hasSuffix(".\(domain)") {
                if let best, best.domain.utf8.count >= domain.utf8.count { continue }
                best = .init(
                    domain: domain, network: zone.network, source: "what its gateway pushed")
            }
        }
        return best
    }

    /// The domain that differs from an end of the name by slips of the hand.
    private func meant(by name: String) -> ExplainFacts.Domain? {
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

    private struct Entry: Decodable {
        let type: String?
        let dev: String?
        let table: String?
    }

    private func route(_ address: String, _ family: Family) async -> ExplainFacts.Route? {
        let arguments = ["-json", "-\(family.rawValue)", "route", "get", address]
        let answer: String
        do throws(HostError) {
            answer = try await host.run(.ip, arguments, input: "")
        } catch {
            // What the kernel calls unreachable, ip(8) calls an error.
            return error.description.contains("nreachable") ? .init(device: nil, table: "") : nil
        }
        guard let entry = try? ListingJSON.decode([Entry].self, answer, "ip route get").first else {
            return nil
        }
        return .init(
            device: entry.type == "unreachable" ? nil : entry.dev, table: entry.table ?? "main")
    }

    private func isGuarded(_ address: String, _ family: Family) async -> Bool {
        let set = family == .ipv4 ? "private4" : "private6"
        let words = ["get", "element", "inet", HostNames.guarding, set, "{ \(address) }"]
        return (try? await host.run(.nft, words, input: "")) != nil
    }

    private func attempt(_ address: String, _ port: Int) async -> ExplainFacts.Try {
        let start = ContinuousClock.now
        func ended(_ failure: String?) -> ExplainFacts.Try {
            let time = (ContinuousClock.now - start).components
            let milliseconds = time.seconds * 1_000 + time.attoseconds / 1_000_000_000_000_000
            return .init(failure: failure, milliseconds: Int(milliseconds))
        }
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(Self.patience)
                .connect(host: address, port: port).get()
            try? await channel.close()
            return ended(nil)
        } catch let error as IOError {
            return ended(ProcessError.text(error.errnoCode))
        } catch let error as NIOConnectionError {
            let cause = error.connectionErrors.first?.error as? IOError
            return ended(cause.map { ProcessError.text($0.errnoCode) } ?? "nobody answered")
        } catch {
            return ended("nobody answered")
        }
    }
}
