internal import FoundationEssentials
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import Protocol

/// Gathers what an explanation needs from the host and the configuration.
struct ExplainSurvey {
    let host: any HostSystem
    let configuration: Configuration

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
            let servers = nameservers
            facts.nameservers = servers.map(\.hostText)
            facts.elsewhere = ResolverCheck.elsewhere(configuration.dns, servers) {
                NameService.isLocal($0)
            }
        }
        facts.address = await Resolver.address(of: target.host)
        guard let text = facts.address, let (address, family) = Address.parse(text) else {
            return (facts, nil)
        }
        let owner = owner(of: address, family)
        if let (network, prefix) = owner {
            facts.prefix = prefix
            facts.source = "\(network.source)"
            facts.isEager = network.connect == .eager
            facts.device = network.tunnel?.device
            facts.isGuarded = await isGuarded(text, family)
        }
        facts.route = await route(text, family)
        if tries, let port = facts.port {
            let heard = facts.device.flatMap(DeviceCounters.received) ?? 0
            facts.attempt = await attempt(text, port)
            let isSilent = facts.device.flatMap(DeviceCounters.received).map { $0 <= heard }
            if isSilent == true, facts.attempt?.failure != nil { facts.symptom = .silent }
        }
        return (facts, owner?.network)
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

    private var nameservers: [Nameserver] {
        let text = ((try? ProcessFiles.text(ResolverFile.path)) ?? nil) ?? ""
        return ResolverFile.nameservers(text)
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
