/// The chains of what this host's own programs send.
extension SteeringScript {
    /// `type route` makes the kernel route again by the new mark. The dataplane's own connections
    /// and the tunnel clients' are exempt, or they would ring for themselves.
    static func departing(_ users: HostUsers) -> String {
        let exempt = users.exempt.isEmpty ? "" : "meta skuid \(list(users.exempt)) accept\n"
        return NftText.rules(
            table, "depart",
            "\(fromRaw) goto sent\n" + exempt + """
                oifname "lo" accept
                \(pureSyn) goto ring_out
                oifname "\(device)" ip dscp \(refusals) ip dscp set 0
                oifname "\(device)" ip6 dscp set \(HostNames.dscpLocal)
                oifname "\(device)" goto ring_packet
                """)
            + NftText.rules(
                table, "ring_out",
                """
                ip daddr @eager4 accept
                ip6 daddr @eager6 accept
                oifname "\(device)" goto bell
                \(steered4) goto bell
                \(steered6) goto bell
                """)
            + NftText.rules(
                table, "redirect_out",
                "\(fromRaw) meta l4proto tcp ip6 daddr != @routed6 redirect to :\(port)\n" + exempt
                    + """
                    oifname "lo" accept
                    meta l4proto tcp ip daddr @eager4 goto eager_out
                    meta l4proto tcp ip6 daddr @eager6 goto eager_out
                    """)
            + NftText.rules(
                table, "eager_out",
                """
                oifname "\(device)" meta l4proto tcp redirect to :\(port)
                \(steered4) meta l4proto tcp redirect to :\(port)
                \(steered6) meta l4proto tcp redirect to :\(port)
                """)
    }

    /// What the dataplane sent through the raw socket, judged before anything else sees it: this
    /// host's own first packets to private addresses, connections to be redirected and the rest to
    /// a tunnel, and nothing else.
    static let sending = NftText.rules(
        table, "sent",
        """
        meta nfproto != ipv6 counter name forged drop
        ip6 saddr ::1 counter name forged drop
        fib saddr type != local counter name forged drop
        ip6 daddr @routed6 oifname @tunnels accept
        ip6 daddr @routed6 counter name returned drop
        meta l4proto != tcp ip6 daddr @packets6 oifname @tunnels accept
        meta l4proto != tcp ip6 daddr @packets6 counter name returned drop
        \(pureSyn) oifname "\(device)" accept
        \(pureSyn) \(steered6) accept
        counter name forged drop
        """)

    /// Tunnel clients' ports on the loopback address, which every local user could reach or take:
    /// only the dataplane connects to them, and only the tunnel clients' user is heard from there.
    static func guarding(_ users: HostUsers) -> String {
        NftText.rules(
            table, "endpoints",
            """
            \(isBlocked)
            ip daddr \(HostNames.loopback) meta l4proto != tcp drop
            ip daddr \(HostNames.loopback) meta skuid != \(list(users.callers)) reject with tcp reset
            ip saddr \(HostNames.loopback) meta skuid != \(list(users.listeners)) drop
            """)
    }

    private static func list(_ users: [UInt32]) -> String {
        "{ " + users.map { String($0) }.joined(separator: ", ") + " }"
    }
}
