/// Table `inet dvpn`: the doorbell's rules (nft(8)), in place and in one transaction.
///
/// Private means: routed to the doorbell (a tunnelled network without a device, or whose device is
/// not there; the routing table is the set), or in one of the sets of prefixes below and not this
/// host's own address.
///
/// A first packet comes by twice. First from its client: untracked, because NAT rules see only the
/// first packet of a tracked connection; and marked, where its route leads elsewhere than to the
/// doorbell. Then out of the doorbell, when its far side has answered or its tunnel is there: now it
/// is tracked, and redirected to the dataplane's port, or routed to the tunnel's device or, marked
/// with a DSCP, refused in the kernel's own words.
///
/// The first packets of this host's own IPv6 connections do not come out of the doorbell again: a
/// reverse path check in netfilter (firewalld's) would drop them for their local source address. The
/// dataplane sends them through a raw socket, so that they begin anew in the output hook.
enum SteeringScript {
    static func text(_ plan: HostPlan) -> String {
        objects + contents(plan.sets) + "\n"
            + [
                arriving, ringing, written(plan.sets), refusing, redirecting, confining(plan.sets),
                blocking, passing, listening, departing(plan.users), sending, guarding(plan.users),
                leaving,
                KeeperScript.text(plan.filters), PassScript.text(plan.filters),
            ].joined(separator: "\n")
    }

    static let table = HostNames.steering

    /// Everything that the table has; the tables of an older dvpn that have something else are
    /// recognised by it, see `RulesetListing`.
    private static let objects = """
        add table inet \(table)
        add counter inet \(table) stranger
        add counter inet \(table) forged
        add counter inet \(table) straight
        add counter inet \(table) returned
        add counter inet \(table) filtered
        add set inet \(table) lan { type ifname; }
        add set inet \(table) tunnels { type ifname; }
        add set inet \(table) steered4 { type ipv4_addr; flags interval; }
        add set inet \(table) steered6 { type ipv6_addr; flags interval; }
        add set inet \(table) packets4 { type ipv4_addr; flags interval; }
        add set inet \(table) packets6 { type ipv6_addr; flags interval; }
        add set inet \(table) routed4 { type ipv4_addr; flags interval; }
        add set inet \(table) routed6 { type ipv6_addr; flags interval; }
        add set inet \(table) eager4 { type ipv4_addr; flags interval; }
        add set inet \(table) eager6 { type ipv6_addr; flags interval; }
        add set inet \(table) masqueraded { type ifname; }
        add set inet \(table) blocked4 { type ipv4_addr . inet_proto . inet_service; flags interval; }
        add set inet \(table) blocked6 { type ipv6_addr . inet_proto . inet_service; flags interval; }
        add set inet \(table) told4 { type ipv4_addr; \(dynamic) }
        add set inet \(table) told6 { type ipv6_addr; \(dynamic) }
        add set inet \(table) \(SentListing.set) { type ifname; size 1024; flags dynamic,timeout; \
        timeout 1h; }
        \(KeeperScript.sets)\
        add chain inet \(table) arrive { type filter hook prerouting priority raw; policy accept; }
        add chain inet \(table) refuse { type filter hook prerouting priority -145; policy accept; }
        add chain inet \(table) steer { type filter hook prerouting priority -130; policy accept; }
        add chain inet \(table) redirect_in { type nat hook prerouting priority -100; }
        add chain inet \(table) confine { type filter hook prerouting priority -90; policy accept; }
        add chain inet \(table) pass { type filter hook forward priority raw; policy accept; }
        add chain inet \(table) listen { type filter hook input priority raw; policy accept; }
        add chain inet \(table) depart { type route hook output priority raw; policy accept; }
        add chain inet \(table) endpoints { type filter hook output priority raw; policy accept; }
        add chain inet \(table) redirect_out { type nat hook output priority -100; policy accept; }
        add chain inet \(table) leave { type filter hook postrouting priority mangle; policy accept; }
        add chain inet \(table) translate { type nat hook postrouting priority srcnat; }
        add chain inet \(table) client
        add chain inet \(table) ring_in
        add chain inet \(table) ring_out
        add chain inet \(table) ring_packet
        add chain inet \(table) bell
        add chain inet \(table) written
        add chain inet \(table) onward
        add chain inet \(table) sent
        add chain inet \(table) unreachable
        add chain inet \(table) eager_in
        add chain inet \(table) eager_out
        add chain inet \(table) blocked
        add chain inet \(table) filter_out
        add chain inet \(table) keep_in
        add chain inet \(table) keep_out
        add chain inet \(table) keeper_in
        add chain inet \(table) keeper_out
        flush table inet \(table)

        """

    /// Whom the kernel has told "unreachable" of late.
    private static let dynamic = "size 4096; flags dynamic,timeout; timeout 10s;"

    private static func contents(_ sets: NftSets) -> String {
        NftText.content(table, "lan", NftText.quoted(sets.lan))
            + NftText.content(table, "tunnels", NftText.quoted(sets.tunnels))
            + NftText.content(table, "steered", sets.steered)
            + NftText.content(table, "packets", sets.packets)
            + NftText.content(table, "routed", sets.routed)
            + NftText.content(table, "eager", sets.eager)
            + NftText.content(table, "masqueraded", NftText.quoted(sets.masqueraded))
            + NftText.content(table, "blocked", sets.blocked)
    }
}

/// Pieces of rules that several chains have.
extension SteeringScript {
    static let device = HostNames.device
    static let port = HostNames.port

    /// A TCP connection's first packet, and only that: everything later must be tracked.
    static let pureSyn = "tcp flags & (fin | syn | rst | ack) == syn"

    /// A destination whose TCP connections visit the doorbell wherever they are routed: it is not
    /// one of our own addresses, nor a broadcast.
    static let steered4 = "ip daddr @steered4 fib daddr type unicast"
    static let steered6 = "ip6 daddr @steered6 fib daddr type unicast"

    /// The lowest byte only: the other bits are somebody else's.
    static let setMark = "meta mark set meta mark and 0xffffff00 xor 0xd0"
    static let clearMark = "meta mark set meta mark and 0xffffff00"

    /// All 32 bits: whoever else marks packets uses some of them.
    static let fromRaw = "meta mark 0x\(String(HostNames.rawMark, radix: 16))"

    /// TCP that is spliced and not routed.
    static let spliced4 = "meta l4proto tcp ip daddr != @routed4"
    static let spliced6 = "meta l4proto tcp ip6 daddr != @routed6"
}
