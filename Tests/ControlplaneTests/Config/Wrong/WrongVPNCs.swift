extension WrongFile {
    /// Tunnels through vpnc.
    static let vpncs: [WrongFile] = [
        WrongFile(
            "vpnc without anything",
            """
            \(home.replacing("direct", with: "vpnc"))
            """,
            """
            1:3 missing key `gateway` in [[network]]
                write gateway = "vpn.corp.example", for one
            1:3 missing key `vpnc` in [[network]]
                [network.vpnc] has group, group-secret, username and password
            """),
        WrongFile(
            "vpnc with an empty table",
            """
            \(home.replacing("direct", with: "vpnc"))
            gateway = "198.51.100.1"
            [network.vpnc]
            """,
            """
            6:10 missing key `group-secret` in [network.vpnc]
                write group-secret = { file = "/etc/dvpn/secrets/NAME" }, { credential = "NAME" } \
            or { ask = true }
            6:10 missing key `group` in [network.vpnc]
                it is what vpnc.conf calls IPSec ID
            6:10 missing key `password` in [network.vpnc]
                write password = { file = "/etc/dvpn/secrets/NAME" }, { credential = "NAME" } \
            or { ask = true }
            6:10 missing key `username` in [network.vpnc]
                it is what vpnc.conf calls Xauth username
            """),
        WrongFile(
            "a user in vpnc's gateway",
            gateway("rob@vpn.corp.example"),
            """
            5:11 the gateway "rob@vpn.corp.example" has a user in it
                write username = "rob" in [network.vpnc]
            """),
        WrongFile(
            "a port in vpnc's gateway",
            gateway("vpn.corp.example:500"),
            """
            5:11 the gateway "vpn.corp.example:500" has a port in it
                write gateway = "vpn.corp.example"
            """),
        WrongFile(
            "an IPv6 gateway of vpnc",
            gateway("2001:db8::1"),
            """
            5:11 vpnc cannot go to an IPv6 address
                write an IPv4 address or a name
            """),
        WrongFile(
            "an option for vpnc's gateway",
            gateway("--script=/bin/sh"),
            """
            5:11 "--script=/bin/sh" is neither a host name nor an address
            """),
        WrongFile(
            "words that vpnc does not know",
            """
            \(vpnc())
            nat-traversal = "nat-t"
            dh-group = "dh3"
            """,
            """
            12:17 `nat-traversal` must be "natt", "force-natt", "cisco-udp" or "none", not "nat-t"
                did you mean "natt"?
            13:12 `dh-group` must be "dh1", "dh2", "dh5", "dh14", "dh15", "dh16", "dh17" or "dh18", \
            not "dh3"
                did you mean "dh1"?
            """),
        WrongFile(
            "a group that is a line of vpnc.conf",
            vpnc().replacing("\"staff\"", with: "\"staff\\nScript /bin/sh\""),
            """
            8:9 `group` has a control character in it
            """),
        WrongFile(
            "a user name that vpnc would change",
            vpnc().replacing("\"rob\"", with: "\"rob \"").replacing("\"staff\"", with: "\"\""),
            """
            8:9 `group` is empty
            10:12 `username` begins or ends with a blank or a quote
            """),
        WrongFile(
            "a script that is a command line",
            "\(vpnc())\nscript = \"/usr/share/vpnc-scripts/vpnc-script --verbose\"\n",
            """
            12:10 `script` must be a plain path
                letters, digits and /._+- only: a shell reads it
            """),
    ]

    /// A network through vpnc with this gateway on line 5.
    private static func gateway(_ text: String) -> String {
        vpnc().replacing("\"vpn.corp.example\"", with: "\"\(text)\"")
    }
}
