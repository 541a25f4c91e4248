/// Table `inet dvpn_guard`: private packets never leave through a device that is not a tunnel.
///
/// It has nothing but a set and a drop, needs neither the doorbell nor a route nor a process, and
/// stays when all of those are gone: a crash, a network manager that removes foreign rules.
enum GuardScript {
    static func text(_ sets: NftSets) -> String {
        let table = HostNames.guarding
        // At postrouting the device is final, whether a packet was forwarded or made here.
        return """
            add table inet \(table)
            add counter inet \(table) leak
            add set inet \(table) private4 { type ipv4_addr; flags interval; }
            add set inet \(table) private6 { type ipv6_addr; flags interval; }
            add chain inet \(table) leave { type filter hook postrouting priority filter; \
            policy accept; }
            flush table inet \(table)

            """
                + NftText.content(table, "private4", sets.guarded.ipv4)
                + NftText.content(table, "private6", sets.guarded.ipv6)
                + NftText.rules(
                    table, "leave",
                    """
                    oifname { "lo", "\(HostNames.device)" } accept
                    ip daddr @private4 counter name leak drop
                    ip6 daddr @private6 counter name leak drop
                    """)
    }
}
