/// Table `inet dvpn`: the doorbell's rules (nft(8)), in place and in one transaction.
///
/// Private means: routed to the doorbell (a tunnelled network; the routing table is the set), or in
/// the set of direct networks and not this host's own address.
///
/// A connection's first packet comes by twice. First from its client: marked, so that it is routed
/// to the doorbell, and untracked, because NAT rules see only the first packet of a tracked
/// connection. Then out of the doorbell, when the far side has answered: now it is tracked, and
/// redirected to the dataplane's port or, marked with a DSCP, refused in the kernel's own words.
enum SteeringScript {
    static func text(_ plan: HostPlan) -> String {
        objects + contents(plan.sets) + "\n"
            + [
                arriving(plan.sets), ringing, written(plan.sets), refusing, redirecting, confining,
                passing, listening, departing(plan.exemptUsers),
            ].joined(separator: "\n")
    }

    private static let table = HostNames.steering

    /// Everything that the table has; the tables of an older dvpn that have something else are
    /// recognised by it, see `RulesetListing`.
    private static let objects = """
        add table inet \(table)
        add counter inet \(table) stranger
        add counter inet \(table) forged
        add counter inet \(table) straight
        add set inet \(table) lan { type ifname; }
        add set inet \(table) direct4 { type ipv4_addr; flags interval; }
        add set inet \(table) direct6 { type ipv6_addr; flags interval; }
        add set inet \(table) eager4 { type ipv4_addr; flags interval; }
        add set inet \(table) eager6 { type ipv6_addr; flags interval; }
        add set inet \(table) told4 { type ipv4_addr; \(dynamic) }
        add set inet \(table) told6 { type ipv6_addr; \(dynamic) }
        add chain inet \(table) arrive { type filter hook prerouting priority raw; policy accept; }
        add chain inet \(table) refuse { type filter hook prerouting priority -140; policy accept; }
        add chain inet \(table) steer { type filter hook prerouting priority -130; policy accept; }
        add chain inet \(table) redirect_in { type nat hook prerouting priority -100; }
        add chain inet \(table) confine { type filter hook prerouting priority -90; policy accept; }
        add chain inet \(table) pass { type filter hook forward priority raw; policy accept; }
        add chain inet \(table) listen { type filter hook input priority raw; policy accept; }
        add chain inet \(table) depart { type route hook output priority raw; policy accept; }
        add chain inet \(table) redirect_out { type nat hook output priority -100; policy accept; }
        add chain inet \(table) ring_in
        add chain inet \(table) ring_out
        add chain inet \(table) bell
        add chain inet \(table) written
        add chain inet \(table) unreachable
        add chain inet \(table) eager_in
        add chain inet \(table) eager_out
        flush table inet \(table)

        """

    /// Whom the kernel has told "unreachable" of late.
    private static let dynamic = "size 4096; flags dynamic,timeout; timeout 10s;"

    private static func contents(_ sets: NftSets) -> String {
        NftText.content(table, "lan", sets.lan.map { "\"\($0)\"" })
            + NftText.content(table, "direct4", sets.direct.ipv4)
            + NftText.content(table, "direct6", sets.direct.ipv6)
            + NftText.content(table, "eager4", sets.eager.ipv4)
            + NftText.content(table, "eager6", sets.eager.ipv6)
    }
}
