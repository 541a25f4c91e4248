extension WrongFile {
    /// How packets travel, where a tunnel has a device; and where it has none.
    static let packets: [WrongFile] = [
        WrongFile(
            "packets through ssh",
            """
            \(ssh)
            tcp = "route"
            accept-pushed = true
            probe = "10.1.2.1"
            stall = "5s"
            filter.start = ["any"]
            """,
            """
            6:1 `tcp` means nothing with via = "ssh"
                only vpnc, openconnect and command carry packets
            7:1 `accept-pushed` means nothing with via = "ssh"
                only vpnc, openconnect and command carry packets
            8:1 `probe` means nothing with via = "ssh"
                only vpnc, openconnect and command carry packets
            9:1 `stall` means nothing with via = "ssh"
                only vpnc, openconnect and command carry packets
            10:1 `filter` means nothing with via = "ssh"
                only vpnc, openconnect and command carry packets
            """),
        WrongFile(
            "a filter of a network without a tunnel",
            """
            \(home)
            [network.filter]
            start = ["any"]
            """,
            """
            5:10 `filter` means nothing with via = "direct"
                only vpnc, openconnect and command carry packets
            """),
        WrongFile(
            "a way for TCP that is none",
            vpnc("tcp = \"spliced\""),
            """
            6:7 `tcp` must be "splice" or "route", not "spliced"
                did you mean "splice"?
            """),
        WrongFile(
            "eager connections that nobody makes",
            vpnc("tcp = \"route\"\nconnect = \"eager\""),
            """
            7:11 connect = "eager" means nothing with tcp = "route"
                remove one of them: the kernel carries routed connections
            """),
        WrongFile(
            "a string for a boolean",
            vpnc("accept-pushed = \"true\""),
            """
            6:17 `accept-pushed` must be true or false, not a string
                write accept-pushed = true, without quotes
            """),
        WrongFile(
            "a number for a boolean",
            vpnc("accept-pushed = 1"),
            """
            6:17 `accept-pushed` must be true or false, not an integer
            """),
        WrongFile(
            "a name for a probe",
            vpnc("probe = \"ping.corp.example\""),
            """
            6:9 "ping.corp.example" is not an address
                write it like 10.1.2.53 or fd00:1:2::53
            """),
        WrongFile(
            "a probe outside of the network",
            vpnc("probe = \"192.0.2.1\""),
            """
            6:9 192.0.2.1 lies in none of the network's prefixes
                add "192.0.2.1/32" to `prefixes`: what goes there leaves in the clear otherwise
            """),
        WrongFile(
            "a stall that is too short",
            vpnc("stall = \"200ms\""),
            """
            6:9 `stall` must be from 1s to 10m, not 200ms
            """),
        WrongFile(
            "an idle time of a tunnel with a device",
            vpnc("idle = \"forever\""),
            """
            6:8 "forever" is not a duration
                write it like "90s", "5m", "1h30m" or "250ms"
            """),
    ]
}
