extension WrongFile {
    /// `[[dhcp]]`, and ports that are blocked.
    static let dhcps: [WrongFile] = [
        dhcp(
            "a range of nothing", "interface = \"br-lan\"\nrange = \"192.168.77.100\"",
            """
            7:9 "192.168.77.100" is not a range of IPv4 addresses
                write range = "192.168.77.100-192.168.77.200", for one
            """),
        dhcp(
            "a range that ends before it begins",
            "interface = \"br-lan\"\nrange = \"192.168.77.9-192.168.77.8\"",
            """
            7:9 the range "192.168.77.9-192.168.77.8" ends before it begins
            """),
        dhcp(
            "DHCP beyond the LAN", "interface = \"wan0\"\nrange = \"192.168.77.8-192.168.77.9\"",
            """
            6:13 "wan0" is not in `lan`
                addresses are given to the LAN only
            """),
        dhcp(
            "hosts that are none",
            """
            interface = "br-lan"
            range = "192.168.77.8-192.168.77.9"
            hosts = ["02:00:00:00:77 192.168.77.5", "02:00:00:00:77:0a 192.168.77.5 a.b",
              "02:00:00:00:77:0A 192.168.77.6 a", "02:00:00:00:77:0a 192.168.77.7 b"]
            """,
            """
            8:10 "02:00:00:00:77 192.168.77.5" is not a host with a fixed address
                write it like "02:00:00:00:77:0a 192.168.77.50 printer"
            8:41 "02:00:00:00:77:0a 192.168.77.5 a.b" is not a host with a fixed address
                write it like "02:00:00:00:77:0a 192.168.77.50 printer"
            9:39 "02:00:00:00:77:0a 192.168.77.7 b" has the hardware or IP address of another one
            """),
        WrongFile(
            "DHCP without a dnsmasq of one's own",
            """
            lan = ["br-lan"]
            [[dhcp]]
            interface = "br-lan"
            range = "192.168.77.8-192.168.77.9"
            """,
            """
            3:13 DHCP needs a dnsmasq of dvpn's own
                write mode = "managed" in [dns]
            """),
        WrongFile(
            "a port that is none",
            "\(home)\nblock-ports = [445, 65536, \"smb\"]",
            """
            5:21 a port is a number from 1 to 65535
            5:28 a port is a number from 1 to 65535
            """),
    ]

    private static func dhcp(_ what: String, _ keys: String, _ messages: String) -> WrongFile {
        WrongFile(
            what,
            """
            lan = ["br-lan"]
            [dns]
            mode = "managed"
            listen = ["192.168.77.1"]
            [[dhcp]]
            \(keys)
            """, messages)
    }
}
