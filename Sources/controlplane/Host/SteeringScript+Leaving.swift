/// The chains of what goes out by a tunnel's device, or has come in by one.
extension SteeringScript {
    static let leaving =
        NftText.rules(
            table, "leave",
            """
            # Redirected by now: it has become a packet to this host.
            \(fromRaw) oifname != "lo" oifname != @tunnels counter name forged drop
            iifname @tunnels \(handshake) \(clamp)
            oifname != @tunnels accept
            # Nothing would translate its source. Neighbour discovery is never tracked.
            ct state untracked meta l4proto != ipv6-icmp counter name returned drop
            \(handshake) \(clamp)
            \(fromProbe) ct mark set meta mark
            ct direction original jump filter_out
            ct state { new, established } ct mark != \(probeMark) \
            update @\(SentListing.set) { oifname counter }
            ct state established jump keep_out
            """)
        // This host's own sockets have the doorbell's address, whose way back no far side knows, and
        // keep it whether the tunnel is there or not.
        + NftText.rules(
            table, "translate",
            """
            oifname @tunnels masquerade
            meta nfproto ipv4 iifname @masqueraded oifname != @lan oifname != "\(device)" masquerade
            """)

    private static let handshake = "tcp flags & (syn | rst) == syn"

    /// `rt mtu` looks at the routes to both ends.
    private static let clamp = "tcp option maxseg size set rt mtu"

    private static let fromProbe = "meta mark \(probeMark)"
    private static let probeMark = "0x\(String(HostNames.probeMark, radix: 16))"
}
