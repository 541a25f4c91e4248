internal import Protocol

/// The state in which dvpn wants the host's network: routes, rules and the two nftables tables.
///
/// Pure: the same input gives the same plan, whose text is compared with golden files.
struct HostPlan: Equatable, Sendable {
    let routes: [HostRoute]
    let rules: [HostRule]

    /// What the sets of the two nftables tables hold.
    let sets: NftSets

    let users: HostUsers

    let filters: TunnelFilters

    /// The prefixes behind tunnels with a device, as far as they are routed to the doorbell.
    private let rings: Set<Prefix>

    /// The addresses of all networks.
    private let known: [AddressRange]

    init(_ input: HostInput) {
        let labels = HostLabels(input)
        rings = Set(
            labels.blocks.lazy.filter { $0.label == .tunnel && $0.device != nil }.map(\.prefix))
        let networks = labels.blocks.lazy.filter(\.isNetwork).map { ($0.prefix, true) }
        known =
            AddressRange.chosen(networks, .ipv4) + AddressRange.chosen(networks, .ipv6)
        routes = HostPlan.routes(labels, ipv6: input.ipv6)
        rules = HostPlan.rules(ipv6: input.ipv6)
        sets = NftSets(
            labels, lan: input.lan, masquerade: input.masquerade, listening: input.listening)
        users = input.users
        filters = TunnelFilters(input.networks)
    }

    /// The routes of private prefixes through a tunnel's device, while it is open. What is not
    /// private by this plan gets none: behind it would be no doorbell when the device goes.
    func routes(
        through device: String, _ prefixes: Set<Prefix>, _ families: [Family]
    ) -> [HostRoute] {
        prefixes.filter { families.contains($0.family) && rings.contains($0) }.sorted()
            .map { Self.route($0, device, Metric.tunnel) }
    }

    /// True for a prefix that is within some network: only there does it matter what else it is.
    func isKnown(_ prefix: Prefix) -> Bool { AddressRange(prefix).isInside(known) }

    /// The nftables transaction that makes the tables of another plan those of this one: just the
    /// elements that are other, where nothing else is.
    func script(after old: HostPlan) -> String {
        guard filters == old.filters, users == old.users, let change = sets.change(from: old.sets)
        else { return script }
        return change
    }

    /// The one nftables transaction that makes both tables as they should be, in place.
    var script: String {
        NftText.alive(
            SteeringScript.text(self) + "\n" + GuardScript.text(sets), without: sets.empty)
    }

    private static func routes(_ labels: HostLabels, ipv6: Bool) -> [HostRoute] {
        var routes = labels.covering.flatMap(doorbell)
        // Only where it has to be cut out of a tunnel's prefix; the main table knows the way.
        for block in labels.blocks
        where block.label != .tunnel && labels.isInsideTunnel(block.prefix) {
            routes.append(
                HostRoute(
                    table: HostNames.privateTable, prefix: block.prefix, kind: .throw,
                    metric: Metric.elsewhere))
        }
        for family in families(ipv6: ipv6) {
            let everything = Prefix(family: family, length: 0, address: Address(high: 0, low: 0))
            routes.append(
                HostRoute(
                    table: HostNames.bellTable, prefix: everything, kind: .unicast,
                    device: HostNames.device, metric: Metric.doorbell))
        }
        return routes
    }

    /// A private prefix rings the doorbell; without the doorbell it is unreachable, never public.
    private static func doorbell(_ prefix: Prefix) -> [HostRoute] {
        var bell = route(prefix, HostNames.device, Metric.doorbell)
        // What this host's own programs send must fit the tunnel that there will be: nobody could
        // tell them later. A LAN client is told by whoever forwards its packet to the tunnel.
        if prefix.family == .ipv6 { bell.mtu = leastMTU6 }
        return [
            bell,
            HostRoute(
                table: HostNames.privateTable, prefix: prefix, kind: .unreachable,
                metric: Metric.unreachable),
        ]
    }

    /// Every IPv6 link takes packets of this length (RFC 8200, section 5).
    private static let leastMTU6 = 1280

    /// A private prefix by a device. The source is the same for all of them, so that a socket keeps
    /// its address whether the tunnel is there or not.
    private static func route(_ prefix: Prefix, _ device: String, _ metric: UInt32) -> HostRoute {
        HostRoute(
            table: HostNames.privateTable, prefix: prefix, kind: .unicast, device: device,
            metric: metric,
            source: prefix.family == .ipv4 ? HostNames.address4 : HostNames.address6)
    }

    private static func rules(ipv6: Bool) -> [HostRule] {
        families(ipv6: ipv6).flatMap { family in
            [
                HostRule(
                    family: family, preference: HostNames.bellPreference,
                    table: HostNames.bellTable,
                    mark: HostRule.Mark(value: HostNames.mark, mask: HostNames.markMask)),
                HostRule(
                    family: family, preference: HostNames.privatePreference,
                    table: HostNames.privateTable),
            ]
        }
    }

    private static func families(ipv6: Bool) -> [Family] { ipv6 ? [.ipv4, .ipv6] : [.ipv4] }

    /// Metrics of the routes of one prefix, best first.
    private enum Metric {
        static let elsewhere: UInt32 = 16
        static let tunnel: UInt32 = 1024
        static let doorbell: UInt32 = 4096
        static let unreachable: UInt32 = 8192
    }
}
