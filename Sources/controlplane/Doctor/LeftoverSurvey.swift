internal import Protocol

/// What an earlier life of dvpn left on this host, as `dvpnctl cleanup` would find it. Only for
/// where none runs: what is there belongs to a running one otherwise. Changes nothing.
struct LeftoverSurvey {
    let host: any HostSystem
    let runtimeDirectory: String

    /// Each by its name, or how many there are; empty where nothing is left. What this user may not
    /// look at is not in it.
    func names() async -> [String] {
        let links = (try? await HostSurvey.links(host)) ?? []
        let tables = (try? await host.run(.nft, ["list", "tables", "inet"], input: "")) ?? ""
        let inspection = HostInspection(host: host, runtimeDirectory: runtimeDirectory)
        var (routes, rules) = (0, 0)
        for family in [Family.ipv4, .ipv6] {
            routes += (try? await inspection.routes(family))?.count ?? 0
            rules += (try? await inspection.rules(family))?.count ?? 0
        }
        let settings = (try? HostRecord.load(runtimeDirectory))?.settings.count ?? 0
        return links.map(\.ifname).filter(HostNames.isOurs)
            + HostRemoval.ours(in: tables).map { "nftables table inet \($0)" }
            + [
                Self.count(routes, "route"), Self.count(rules, "routing rule"),
                Self.count(settings, "changed kernel setting"),
                Self.count(clients, "tunnel client"),
            ].compactMap { $0 }
    }

    /// Those that still run.
    private var clients: Int {
        let processes =
            MasterRecord.all(runtime: runtimeDirectory).map(\.process)
            + ClientRecord.all(runtime: runtimeDirectory).compactMap(\.process)
        return processes.count(where: \.isRunning)
    }

    private static func count(_ number: Int, _ noun: String) -> String? {
        number == 0 ? nil : "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
