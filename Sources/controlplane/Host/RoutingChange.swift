internal import Protocol

/// The least that turns the routes and rules that are there into those that should be, as lines for
/// `ip -FAMILY -batch -`.
enum RoutingChange {
    /// First what fails closed, then the rest, then removals: no packet of a prefix that stays
    /// finds a gap.
    static func routes(
        _ family: Family, desired: [HostRoute], actual: [HostRoute]
    ) -> [String] {
        let wanted = desired.filter { $0.prefix.family == family }
        let there = Set(actual.filter { $0.prefix.family == family })
        let keys = Set(wanted.map(\.key))
        let missing = wanted.filter { !there.contains($0) }
        let closed = missing.filter { $0.kind == .unreachable }
        let open = missing.filter { $0.kind != .unreachable }
        let superfluous = there.filter { !keys.contains($0.key) }
            .sorted { ($0.table, $0.prefix, $0.metric) < ($1.table, $1.prefix, $1.metric) }
        return closed.map(\.replaceLine) + open.map(\.replaceLine) + superfluous.map(\.deleteLine)
    }

    /// What two lists of routes have between their common beginnings and ends: both are ascending,
    /// and most of them is the same.
    static func different(
        _ desired: [HostRoute], _ actual: [HostRoute]
    ) -> (desired: [HostRoute], actual: [HostRoute]) {
        let (front, back) = desired.common(with: actual)
        return (
            Array(desired[front..<(desired.count - back)]),
            Array(actual[front..<(actual.count - back)])
        )
    }

    static func rules(_ family: Family, desired: [HostRule], actual: [HostRule]) -> [String] {
        let wanted = desired.filter { $0.family == family }
        var unmet = wanted
        var superfluous: [HostRule] = []
        for rule in actual where rule.family == family {
            if let index = unmet.firstIndex(of: rule) {
                unmet.remove(at: index)
            } else {
                superfluous.append(rule)
            }
        }
        return unmet.map(\.addLine) + superfluous.map(removal)
    }

    /// A rule with selectors that dvpn never makes is removed by what identifies it: preference and
    /// protocol.
    private static func removal(_ rule: HostRule) -> String {
        rule.table != 0
            ? rule.deleteLine
            : "rule del pref \(rule.preference) protocol \(HostNames.routeProtocol)"
    }
}
