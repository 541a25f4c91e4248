internal import Protocol

/// Takes back all that dvpn ever did to this host's network, in the reverse order.
///
/// Finds it on the host itself, by name and number; only settings come from the record. So it needs
/// neither a plan nor a configuration, nor that the life before got to its end.
struct HostRemoval {
    let host: any HostSystem
    let runtimeDirectory: String

    /// Every step is tried; the error is the first one's.
    func everything() async throws(HostError) {
        var first: HostError?
        for family in host.families {
            do { try await rules(family) } catch { first = first ?? error }
        }
        do { try await tables() } catch { first = first ?? error }
        for family in host.families {
            do { try await routes(family) } catch { first = first ?? error }
        }
        do { try settings() } catch { first = first ?? error }
        do { try await device() } catch { first = first ?? error }
        if let first { throw first }
    }

    /// Restores settings, last made first; what has another value by now is somebody else's.
    func restore(_ changes: [SysctlChange]) throws(HostError) {
        var values: [String: String] = [:]
        for change in changes { values[change.key] = host.setting(change.key) }
        for change in SysctlPlan.undo(changes, values: values) {
            try host.set(change.key, to: change.was)
        }
    }

    /// Those of our tables that `nft list tables inet` names.
    static func ours(in listing: String) -> [String] {
        let lines = listing.split(separator: "\n")
        return [HostNames.steering, HostNames.guarding].filter {
            lines.contains("table inet \($0)")
        }
    }

    private var inspection: HostInspection {
        HostInspection(host: host, runtimeDirectory: runtimeDirectory)
    }

    private func rules(_ family: Family) async throws(HostError) {
        let actual = try await inspection.rules(family)
        try await host.runBatch(family, RoutingChange.rules(family, desired: [], actual: actual))
    }

    private func routes(_ family: Family) async throws(HostError) {
        let actual = try await inspection.routes(family)
        try await host.runBatch(family, RoutingChange.routes(family, desired: [], actual: actual))
    }

    private func tables() async throws(HostError) {
        let listing: String
        do {
            listing = try await host.run(.nft, ["list", "tables", "inet"], input: "")
        } catch  where error.code == .toolMissing || error.code == .noNetfilter {
            return  // Then there are no tables either.
        }
        let lines = Self.ours(in: listing).map { "delete table inet \($0)\n" }
        if !lines.isEmpty { try await host.runScript(lines.joined()) }
    }

    private func settings() throws(HostError) {
        try restore(try HostRecord.load(runtimeDirectory).settings)
        HostRecord.remove(runtimeDirectory)
    }

    private func device() async throws(HostError) {
        let links = try await HostSurvey.links(host)
        guard case .adopt = DevicePlan.decide(links, ipv6: false) else { return }
        try await host.runBatch(nil, ["link delete dev \(HostNames.device)"])
    }
}
