/// Table `inet dvpn_guard`: private packets never leave through a device that is not their tunnel's.
///
/// It has nothing but sets and drops, needs neither the doorbell nor a route nor a process, and
/// stays when all of those are gone: a crash, a network manager that removes foreign rules.
enum GuardScript {
    static func text(_ sets: NftSets) -> String {
        // At postrouting the device is final, whether a packet was forwarded or made here.
        """
        add table inet \(table)
        add counter inet \(table) leak
        add set inet \(table) tunnels { type ifname; }
        add set inet \(table) private4 { type ipv4_addr; flags interval; }
        add set inet \(table) private6 { type ipv6_addr; flags interval; }
        add set inet \(table) ways4 { type ifname . ipv4_addr; flags interval; }
        add set inet \(table) ways6 { type ifname . ipv6_addr; flags interval; }
        add set inet \(table) assigned4 { type ipv4_addr; \(dynamic) }
        add set inet \(table) assigned6 { type ipv6_addr; \(dynamic) }
        add chain inet \(table) leave { type filter hook postrouting priority filter; \
        policy accept; }
        add chain inet \(table) learn { type filter hook postrouting priority 110; \
        policy accept; }
        add chain inet \(table) private
        add chain inet \(table) bell
        flush table inet \(table)

        """
            + NftText.content(table, "tunnels", NftText.quoted(sets.tunnels))
            + NftText.content(table, "private", sets.guarded)
            + NftText.content(table, "ways", sets.ways)
            + rules
    }

    private static let table = HostNames.guarding

    private static let rules =
        NftText.rules(
            table, "leave",
            """
            oifname "lo" accept
            oifname "\(HostNames.device)" accept
            ip daddr @private4 goto private
            ip6 daddr @private6 goto private
            oifname @tunnels accept
            # Sockets of this host keep the doorbell's address when their network is one no more.
            # Here it is seen as it was before masquerading.
            ip saddr \(HostNames.address4) goto bell
            ip6 saddr \(HostNames.address6) goto bell
            # An address that was ours inside a tunnel, unless it is ours on this device by now.
            ip saddr @assigned4 fib saddr . oif type != local counter name leak drop
            ip6 saddr @assigned6 fib saddr . oif type != local counter name leak drop
            ip daddr @assigned4 counter name leak drop
            ip6 daddr @assigned6 counter name leak drop
            """)
        + NftText.rules(
            table, "private",
            """
            oifname . ip daddr @ways4 accept
            oifname . ip6 daddr @ways6 accept
            counter name leak drop
            """)
        // What was redirected from the doorbell is answered from that address, which is translated
        // back later.
        + NftText.rules(
            table, "bell",
            """
            ct direction reply accept
            counter name leak drop
            """)
        // Behind masquerading a tunnel's packets have the address that its gateway gave us.
        + NftText.rules(
            table, "learn",
            """
            oifname @tunnels fib saddr . oif type local update @assigned4 { ip saddr }
            oifname @tunnels fib saddr . oif type local ip6 saddr != fe80::/10 \
            update @assigned6 { ip6 saddr }
            """)

    /// Sockets that have such an address, and know nothing of their tunnel's end, try for a quarter
    /// of an hour (tcp_retries2).
    private static let dynamic = "size 1024; flags dynamic,timeout; timeout 1h;"
}
