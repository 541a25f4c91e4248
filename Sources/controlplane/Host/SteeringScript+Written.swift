/// The chains of what the dataplane writes into the doorbell, in the order in which it meets them.
extension SteeringScript {
    /// Judged before it can touch any tracked connection: the descriptor is as strong as a raw
    /// socket, and the dataplane may have been captured.
    static func written(_ sets: NftSets) -> String {
        // A client is a local program or somebody on the LAN; nobody else can have rung. `fib`
        // gives a plain string here, which nft does not compare with a set of interface names.
        let unlessLan = sets.lan.isEmpty ? "" : " fib saddr oifname != \(NftText.oneOf(sets.lan))"
        let toTunnel = toTunnel(sets)
        return NftText.rules(
            table, "written",
            """
            ip saddr 127.0.0.0/8 counter name forged drop
            ip6 saddr ::1 counter name forged drop
            fib saddr type != local\(unlessLan) counter name forged drop
            # This host's own IPv6 goes on through the raw socket; here it is only refused.
            fib saddr type local ip6 dscp != \(refusals) counter name forged drop
            ip dscp != \(refusals) ip daddr @packets4 jump onward
            ip6 dscp != \(refusals) ip6 daddr @packets6 jump onward
            # Beside TCP there are only packets to be refused.
            meta l4proto != tcp ip dscp != \(HostNames.dscpUnreachable) counter name forged drop
            meta l4proto != tcp ip6 dscp != \(HostNames.dscpUnreachable) counter name forged drop
            # A reverse path check in netfilter (firewalld's for IPv6) asks for a route back to the
            # sender by this device: with the mark there is one.
            meta nfproto ipv6 \(setMark)
            fib daddr oifname "\(device)" accept
            \(steered4) accept
            \(steered6) accept
            counter name forged drop
            """)
            + NftText.rules(
                table, "onward",
                """
                \(spliced4) return
                \(spliced6) return
                meta nfproto ipv6 \(setMark)
                \(toTunnel.map { "\($0) accept" } ?? "")
                # The tunnel has gone again. The packet would come back, and again.
                counter name returned drop
                """)
    }

    /// Where the route leads to one of our tunnels' devices; nil where there is none.
    private static func toTunnel(_ sets: NftSets) -> String? {
        sets.tunnels.isEmpty ? nil : "fib daddr oifname \(NftText.oneOf(sets.tunnels))"
    }

    /// Either mark of a packet to be refused.
    static let refusals =
        "{ \(HostNames.dscpUnreachable), \(HostNames.dscpReset) }"

    /// Refusals are the kernel's own packets, so that every ordinary firewall lets them out. Before
    /// `mangle` + 10, where firewalld drops what has a source of this host and came from a device.
    ///
    /// The kernel sends a host few ICMP errors a second (icmp_ratelimit), and drops the rest. So
    /// only the first few are told the whole truth; the rest of a burst gets a reset, which is
    /// prompt.
    static let refusing =
        NftText.rules(
            table, "refuse",
            """
            iifname != "\(device)" accept
            ip dscp \(HostNames.dscpReset) meta l4proto tcp reject with tcp reset
            ip6 dscp \(HostNames.dscpReset) meta l4proto tcp reject with tcp reset
            ip dscp \(HostNames.dscpUnreachable) goto unreachable
            ip6 dscp \(HostNames.dscpUnreachable) goto unreachable
            """)
        + NftText.rules(
            table, "unreachable",
            """
            # Here the error would have the private address as its source, and IPv4 would not send
            # it: local IPv4 programs are answered in the forward hook, see `pass`.
            meta nfproto ipv4 fib saddr type local accept
            fib saddr type local \(localRate) reject with icmpx type host-unreachable
            update @told4 { ip saddr \(lanRate) } reject with icmpx type host-unreachable
            update @told6 { ip6 saddr \(lanRate) } reject with icmpx type host-unreachable
            meta l4proto tcp reject with tcp reset
            drop
            """)

    /// Below icmp_msgs_burst (50) for both families together.
    private static let localRate = "limit rate 200/second burst 20 packets"

    /// Below the kernel's bucket of 6 for each destination, which refills with one a second.
    private static let lanRate = "limit rate 1/second burst 5 packets"

    /// The second pass, and eager connections on their first, go to the dataplane's port.
    static let redirecting =
        NftText.rules(
            table, "redirect_in",
            """
            iifname "\(device)" ip dscp \(HostNames.dscpUnreachable) accept
            iifname "\(device)" ip daddr @routed4 accept
            iifname "\(device)" ip6 daddr @routed6 accept
            iifname "\(device)" meta l4proto tcp redirect to :\(port)
            iifname @lan meta l4proto tcp ip daddr @eager4 goto eager_in
            iifname @lan meta l4proto tcp ip6 daddr @eager6 goto eager_in
            """)
        + NftText.rules(
            table, "eager_in",
            """
            # On to the forward hook, where they are refused.
            ip daddr . meta l4proto . th dport @blocked4 accept
            ip6 daddr . meta l4proto . th dport @blocked6 accept
            fib daddr oifname "\(device)" meta l4proto tcp redirect to :\(port)
            \(steered4) meta l4proto tcp redirect to :\(port)
            \(steered6) meta l4proto tcp redirect to :\(port)
            """)

    /// Behind NAT: out of the doorbell a packet gets to the dataplane's port, to a tunnel, or
    /// nowhere.
    static func confining(_ sets: NftSets) -> String {
        let onward =
            toTunnel(sets).map { toTunnel in
                """
                meta l4proto != tcp \(toTunnel) accept
                ip daddr @routed4 \(toTunnel) accept
                ip6 daddr @routed6 \(toTunnel) accept
                """
            } ?? ""
        return NftText.rules(
            table, "confine",
            """
            iifname != "\(device)" accept
            ct direction original ct status dnat tcp dport \(port) fib daddr type local accept
            ip dscp \(HostNames.dscpUnreachable) fib saddr type local accept
            \(onward)
            counter name forged drop
            """)
    }

    /// Before the host's own forward chain: out of the doorbell to a tunnel only. Into either only
    /// from the LAN, even where somebody's DNAT made the destination private, and out of a tunnel
    /// only what was asked for.
    static let passing = NftText.rules(
        table, "pass",
        """
        \(isBlocked)
        iifname "\(device)" ip dscp != \(HostNames.dscpUnreachable) oifname @tunnels accept
        iifname "\(device)" meta nfproto ipv6 oifname @tunnels accept
        iifname "\(device)" \(localRate) reject with icmpx type host-unreachable
        iifname "\(device)" meta l4proto tcp reject with tcp reset
        iifname "\(device)" drop
        oifname "\(device)" iifname != @lan counter name stranger drop
        # What is a mark between netfilter and the dataplane is nobody's to choose.
        oifname "\(device)" ip dscp \(refusals) ip dscp set 0
        oifname "\(device)" ip6 dscp { \(HostNames.dscpLocal), \(HostNames.dscpUnreachable), \
        \(HostNames.dscpReset) } ip6 dscp set 0
        oifname @tunnels iifname != @lan counter name stranger drop
        iifname @tunnels ct state != { established, related } counter name stranger drop
        """)
}
