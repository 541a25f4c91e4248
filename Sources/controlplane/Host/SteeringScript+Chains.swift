/// The chains of table `inet dvpn`, in the order in which a packet meets them.
extension SteeringScript {
    private static let table = HostNames.steering
    private static let device = HostNames.device
    private static let port = HostNames.port

    /// A TCP connection's first packet, and only that: everything later must be tracked.
    private static let pureSyn = "tcp flags & (fin | syn | rst | ack) == syn"

    /// A destination in a direct network that is not one of our own addresses, nor a broadcast.
    private static let direct4 = "ip daddr @direct4 fib daddr type unicast"
    private static let direct6 = "ip6 daddr @direct6 fib daddr type unicast"

    /// Before connection tracking: who may ring at all.
    static func arriving(_ sets: NftSets) -> String {
        NftText.rules(
            table, "arrive",
            """
            iifname "lo" accept
            iifname "\(device)" goto written
            # The doorbell's addresses are for this host's own programs only.
            ip daddr \(HostNames.address4) counter name stranger drop
            ip6 daddr \(HostNames.address6) counter name stranger drop
            iifname @lan \(pureSyn) goto ring_in
            iifname @lan accept
            fib daddr oifname "\(device)" counter name stranger drop
            \(direct4) counter name stranger drop
            \(direct6) counter name stranger drop
            """)
    }

    /// The first pass of a SYN from the LAN. Eager ones are redirected further down instead.
    static let ringing =
        NftText.rules(
            table, "ring_in",
            """
            ip daddr @eager4 accept
            ip6 daddr @eager6 accept
            fib daddr oifname "\(device)" notrack
            \(direct4) notrack
            \(direct6) notrack
            """)
        // A tunnelled network's SYN is routed to the doorbell anyhow. A direct one's needs the mark,
        // and not before other tables' reverse path checks, which look up routes by it.
        + NftText.rules(
            table, "steer",
            """
            iifname @lan ct state untracked \(pureSyn) \(direct4) \(setMark)
            iifname @lan ct state untracked \(pureSyn) \(direct6) \(setMark)
            """)
        + NftText.rules(
            table, "bell",
            """
            \(setMark)
            notrack
            """)

    /// The lowest byte only: the other bits are somebody else's.
    private static let setMark = "meta mark set meta mark and 0xffffff00 xor 0xd0"

    /// What the dataplane wrote into the doorbell, judged before it can touch any tracked
    /// connection: the descriptor is as strong as a raw socket, and the dataplane may have been
    /// captured.
    static func written(_ sets: NftSets) -> String {
        // A client is a local program or somebody on the LAN; nobody else can have rung. `fib`
        // gives a plain string here, which nft does not compare with a set of interface names.
        let names = sets.lan.map { "\"\($0)\"" }.joined(separator: ", ")
        let unlessLan = names.isEmpty ? "" : " fib saddr oifname != { \(names) }"
        return NftText.rules(
            table, "written",
            """
            ip saddr 127.0.0.0/8 counter name forged drop
            ip6 saddr ::1 counter name forged drop
            fib saddr type != local\(unlessLan) counter name forged drop
            # Beside TCP there are only packets to be refused.
            meta l4proto != tcp ip dscp != \(HostNames.dscpUnreachable) counter name forged drop
            meta l4proto != tcp ip6 dscp != \(HostNames.dscpUnreachable) counter name forged drop
            # A reverse path check in netfilter (firewalld's for IPv6) asks for a route back to the
            # sender by this device: with the mark there is one.
            meta nfproto ipv6 \(setMark)
            fib daddr oifname "\(device)" accept
            \(direct4) accept
            \(direct6) accept
            counter name forged drop
            """)
    }

    /// Refusals are the kernel's own packets, so that every ordinary firewall lets them out.
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
            iifname "\(device)" meta l4proto tcp redirect to :\(port)
            iifname @lan meta l4proto tcp ip daddr @eager4 goto eager_in
            iifname @lan meta l4proto tcp ip6 daddr @eager6 goto eager_in
            """)
        + NftText.rules(
            table, "eager_in",
            """
            fib daddr oifname "\(device)" meta l4proto tcp redirect to :\(port)
            \(direct4) meta l4proto tcp redirect to :\(port)
            \(direct6) meta l4proto tcp redirect to :\(port)
            """)

    /// Behind NAT: out of the doorbell a packet gets to the dataplane's port or nowhere.
    static let confining = NftText.rules(
        table, "confine",
        """
        iifname != "\(device)" accept
        ct direction original ct status dnat tcp dport \(port) fib daddr type local accept
        ip dscp \(HostNames.dscpUnreachable) fib saddr type local accept
        counter name forged drop
        """)

    /// Before the host's own forward chain: nothing is forwarded out of the doorbell, and into it
    /// only from the LAN, even where somebody's DNAT made the destination private.
    static let passing = NftText.rules(
        table, "pass",
        """
        iifname "\(device)" \(localRate) reject with icmpx type host-unreachable
        iifname "\(device)" meta l4proto tcp reject with tcp reset
        iifname "\(device)" drop
        oifname "\(device)" iifname != @lan counter name stranger drop
        """)

    /// The dataplane's port takes only what was redirected; for everybody else it is closed.
    static let listening = NftText.rules(
        table, "listen",
        """
        tcp dport \(port) ct status dnat accept
        tcp dport \(port) counter name straight reject with tcp reset
        """)

    /// Local programs. `type route` makes the kernel route again by the new mark. The dataplane's
    /// own connections and the tunnel clients' are exempt, or they would ring for themselves.
    static func departing(_ exemptUsers: [UInt32]) -> String {
        let users = exemptUsers.map { String($0) }.joined(separator: ", ")
        let exempt = users.isEmpty ? "" : "meta skuid { \(users) } accept\n"
        return NftText.rules(
            table, "depart",
            exempt + """
                oifname "lo" accept
                \(pureSyn) goto ring_out
                """)
            + NftText.rules(
                table, "ring_out",
                """
                ip daddr @eager4 accept
                ip6 daddr @eager6 accept
                oifname "\(device)" goto bell
                \(direct4) goto bell
                \(direct6) goto bell
                """)
            + NftText.rules(
                table, "redirect_out",
                exempt + """
                    oifname "lo" accept
                    meta l4proto tcp ip daddr @eager4 goto eager_out
                    meta l4proto tcp ip6 daddr @eager6 goto eager_out
                    """)
            + NftText.rules(
                table, "eager_out",
                """
                oifname "\(device)" meta l4proto tcp redirect to :\(port)
                \(direct4) meta l4proto tcp redirect to :\(port)
                \(direct6) meta l4proto tcp redirect to :\(port)
                """)
    }
}
