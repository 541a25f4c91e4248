internal import CLinux
internal import FoundationEssentials
internal import Protocol

/// Gathers what can be known without a running controlplane; changes nothing.
struct DoctorSurvey {
    let host: any HostSystem
    let configuration: Configuration

    func facts() async -> DoctorFacts {
        var facts = DoctorFacts()
        facts.kernelRelease = host.kernelRelease
        facts.tools = await ToolSurvey(configuration: configuration).tools()
        facts.features = await FeatureSurvey(host: host).features()
        facts.hasIPv6 = host.hasIPv6
        facts.lan = configuration.lan
        facts.nameservers = ResolverFile.current().map(\.hostText)
        facts.conntrack = MetricFacts.Conntrack.read(host)
        facts.clock = Date().timeIntervalSince1970
        facts.isClockKept = [1: true, 0: false][cl_is_clock_kept()]
        facts.privates = configuration.networks.flatMap { network in
            network.prefixes.map {
                .init(network: network.name, prefix: $0, device: network.tunnel?.device)
            }
        }
        if let links = try? await HostSurvey.links(host) {
            facts.interfaces = Set(links.map(\.ifname))
        }
        facts.devices = Set(configuration.networks.compactMap { $0.tunnel?.device })
            .intersection(facts.interfaces)
        let keys =
            facts.lan.map(Doctor.forwarding) + facts.lan.flatMap(Doctor.forwarding6)
            + ([HostNames.device] + facts.devices).flatMap(ReversePath.keys)
        for key in keys { facts.settings[key] = host.setting(key) }
        for family in [Family.ipv4, .ipv6] { facts.routes += await routes(family) }
        for table in [HostNames.steering, HostNames.guarding] {
            facts.drops.merge(await counters(table)) { $0 + $1 }
        }
        return facts
    }

    private struct Entry: Decodable {
        let dst: String
        let dev: String?
        let table: String?
        let `protocol`: String?
        let type: String?
    }

    private func routes(_ family: Family) async -> [DoctorFacts.Route] {
        let arguments = ["-json", "-\(family.rawValue)", "route", "show", "table", "all"]
        guard let json = try? await host.run(.ip, arguments, input: ""),
            let entries = try? ListingJSON.decode([Maybe<Entry>].self, json, "ip route")
        else { return [] }
        return entries.compactMap { entry in
            guard let entry = entry.value, let device = entry.dev,
                entry.type ?? "unicast" == "unicast",
                entry.protocol != "\(HostNames.routeProtocol)", entry.table != "local",
                !HostNames.isOurs(device), device != "lo",
                let prefix = Prefix(listed: entry.dst, family), prefix.family == family
            else { return nil }
            return .init(prefix: prefix, device: device, table: entry.table ?? "main")
        }
    }

    private func counters(_ table: String) async -> [String: UInt64] {
        let listing = try? await host.run(
            .nft, ["list", "counters", "table", "inet", table], input: "")
        return CounterListing.parse(listing ?? "")
    }
}

extension MetricFacts.Conntrack {
    /// nil where the kernel tracks nothing.
    static func read(_ host: any HostSystem) -> Self? {
        func number(_ key: String) -> Int? {
            host.setting("netfilter/nf_conntrack_\(key)").flatMap { Int($0) }
        }
        guard let entries = number("count"), let limit = number("max") else { return nil }
        return .init(entries: entries, limit: limit)
    }
}
