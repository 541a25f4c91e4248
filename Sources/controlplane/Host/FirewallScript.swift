/// Table `inet dvpn_firewall`: from outside only sshd is reached, the services of this host are the
/// LAN's, and nobody begins a connection to the LAN.
///
/// Behind all other tables, so that it adds to their refusals and takes none back.
enum FirewallScript {
    static func text(_ configuration: Configuration, sshPort: UInt16) -> String {
        let lan = configuration.lan.filter { $0 != "lo" }.sorted()
        let inside = (["lo", HostNames.device] + lan).map { "\"\($0)\"" }.joined(separator: ", ")
        return """
            # The firewall that dvpn recommends for this configuration: nft -f FILE makes it hold, as
            # "dvpnctl firewall --apply" does; "dvpnctl firewall --remove" takes it away.
            \(removal)
            table inet \(HostNames.firewall) {
                chain input {
                    type filter hook input priority filter + 10; policy drop;
                    ct state { established, related } accept
                    # This host itself, its doorbell, and the LAN: names, DHCP, forwards.
                    iifname { \(inside) } accept
                    # Errors, echo requests and, for IPv6, neighbours and routers.
                    icmp type { destination-unreachable, time-exceeded, parameter-problem, \
            echo-request } accept
                    meta l4proto ipv6-icmp accept
                    # The provider's DHCP.
                    udp sport 67 udp dport 68 accept
                    ip6 saddr fe80::/10 udp dport 546 accept
                    tcp dport \(sshPort) accept
                }

            """ + (lan.isEmpty ? "" : forward(lan)) + "}\n"
    }

    /// Also where there is none.
    static let removal = """
        add table inet \(HostNames.firewall)
        delete table inet \(HostNames.firewall)
        """

    private static func forward(_ lan: [String]) -> String {
        let names = NftText.oneOf(lan)
        return """

                chain forward {
                    type filter hook forward priority filter + 10; policy accept;
                    oifname \(names) iifname != \(names) ct state new drop
                }

            """
    }
}
