/// The chains that a packet from the network meets on its first pass.
extension SteeringScript {
    /// Before connection tracking: who may ring at all.
    static let arriving =
        NftText.rules(
            table, "arrive",
            """
            iifname "lo" accept
            iifname "\(device)" goto written
            # These addresses are for this host's own programs only.
            ip daddr { \(HostNames.address4), \(HostNames.loopback) } counter name stranger drop
            ip6 daddr \(HostNames.address6) counter name stranger drop
            iifname @lan goto client
            fib daddr oifname "\(device)" counter name stranger drop
            \(steered4) counter name stranger drop
            \(steered6) counter name stranger drop
            ip daddr @routed4 fib daddr type unicast counter name stranger drop
            ip6 daddr @routed6 fib daddr type unicast counter name stranger drop
            """)
        + NftText.rules(
            table, "client",
            """
            \(pureSyn) goto ring_in
            ip daddr @packets4 fib daddr oifname "\(device)" goto ring_packet
            ip6 daddr @packets6 fib daddr oifname "\(device)" goto ring_packet
            """)

    /// The first pass of a SYN from the LAN; eager ones are redirected further down instead. Then
    /// that of any other packet for a network whose tunnel has a device, from anywhere.
    static let ringing =
        NftText.rules(
            table, "ring_in",
            """
            ip daddr @eager4 accept
            ip6 daddr @eager6 accept
            fib daddr oifname "\(device)" notrack
            \(steered4) notrack
            \(steered6) notrack
            """)
        + NftText.rules(
            table, "ring_packet",
            """
            # The later packets of a redirected connection, and errors that belong to one.
            \(spliced4) accept
            \(spliced6) accept
            icmp type { \(errors4) } accept
            icmpv6 type < 128 accept
            ip daddr @packets4 notrack
            ip6 daddr @packets6 notrack
            """)
        // A SYN that is routed to the doorbell needs no mark. The others' comes not before other
        // tables' reverse path checks, which look up routes by it; and what came out of the
        // doorbell and has passed those checks by it is routed without it.
        + NftText.rules(
            table, "steer",
            """
            ct state untracked iifname @lan \(pureSyn) \(steered4) \(setMark)
            ct state untracked iifname @lan \(pureSyn) \(steered6) \(setMark)
            iifname "\(device)" meta nfproto ipv6 \(clearMark)
            ct state established iifname @tunnels jump keep_in
            """)
        + NftText.rules(
            table, "bell",
            """
            \(setMark)
            ip dscp \(refusals) ip dscp set 0
            ip6 dscp set \(HostNames.dscpLocal)
            notrack
            """)

    private static let errors4 =
        "destination-unreachable, source-quench, redirect, time-exceeded, parameter-problem"

    /// The dataplane's port takes only what was redirected; for everybody else it is closed.
    static let listening = NftText.rules(
        table, "listen",
        """
        tcp dport \(port) ct status dnat accept
        tcp dport \(port) counter name straight reject with tcp reset
        """)
}
