internal import Protocol

/// The tunnels that have their routes, by their devices.
struct OpenTunnels: Equatable, Sendable {
    /// Opened in this life, each with the prefixes behind it.
    private(set) var open: [String: Set<Prefix>] = [:]

    /// Those of the configuration that an earlier life may have opened, and of which nobody has
    /// said anything yet: routes that they have stay until then.
    private(set) var undecided: [String: Set<Prefix>] = [:]

    var devices: Set<String> { Set(open.keys).union(undecided.keys) }

    /// A configuration was put into effect.
    ///
    /// - Parameter isFirst: in this life.
    mutating func configured(_ tunnels: [String: Set<Prefix>], isFirst: Bool) {
        if isFirst {
            undecided = tunnels
        } else {
            undecided = tunnels.filter { undecided[$0.key] != nil }
        }
        open = tunnels.filter { open[$0.key] != nil }
    }

    mutating func opened(_ device: String, _ prefixes: Set<Prefix>) {
        undecided[device] = nil
        open[device] = prefixes
    }

    mutating func closed(_ device: String) {
        undecided[device] = nil
        open[device] = nil
    }

    /// The routes that the tunnels should have, or may keep. None where the device is not there:
    /// they went with it.
    ///
    /// - Parameter actual: the routes that are there.
    func routes(
        _ plan: HostPlan, _ links: [LinkListing], _ actual: [HostRoute]
    ) -> [HostRoute] {
        let wanted = links.flatMap { link in
            open[link.ifname].map { plan.routes(through: link.ifname, $0, link.families) } ?? []
        }
        guard !undecided.isEmpty else { return wanted }
        let there = Set(actual)
        let kept = undecided.flatMap { device, prefixes in
            plan.routes(through: device, prefixes, Family.allCases).filter(there.contains)
        }
        return wanted + kept
    }
}
