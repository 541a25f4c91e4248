extension WrongFile {
    /// Gateways that are none, and what could be taken for an option of ssh.
    static let gateways: [WrongFile] = [
        WrongFile(
            "no user",
            network(gateway: "203.0.113.7"),
            """
            5:11 the gateway "203.0.113.7" has no user
                write it like dvpn-gate@203.0.113.7
            """),
        WrongFile(
            "an empty user",
            network(gateway: "@203.0.113.7"),
            """
            5:11 the gateway "@203.0.113.7" has no user
                write it like dvpn-gate@203.0.113.7
            """),
        WrongFile(
            "an option for a user",
            network(gateway: "-oProxyCommand=x@203.0.113.7"),
            """
            5:11 "-oProxyCommand=x" is not a user name
                write the gateway like dvpn@203.0.113.7
            """),
        WrongFile(
            "an option for a host",
            network(gateway: "dvpn@-oProxyCommand=x"),
            """
            5:11 "-oProxyCommand=x" is neither a host name nor an address
            """),
        WrongFile(
            "a port in the gateway",
            network(gateway: "dvpn@vpn.example:2222"),
            """
            5:11 the gateway "dvpn@vpn.example:2222" has a port in it
                write port = 2222 in [network.ssh]
            """),
        WrongFile(
            "a port behind brackets",
            network(gateway: "dvpn@[2001:db8::1]:2222"),
            """
            5:11 the gateway "dvpn@[2001:db8::1]:2222" has a port in it
                write port = 2222 in [network.ssh]
            """),
        WrongFile(
            "an address that is none",
            network(gateway: "dvpn@203.0.113.700"),
            """
            5:11 "203.0.113.700" is neither a host name nor an address
            """),
        WrongFile(
            "a space",
            network(gateway: "dvpn@vpn example"),
            """
            5:11 "vpn example" is neither a host name nor an address
            """),
        WrongFile(
            "an empty host",
            network(gateway: "dvpn@"),
            """
            5:11 "" is neither a host name nor an address
            """),
    ]

    /// An ssh network with this gateway on line 5.
    static func network(gateway: String) -> String {
        "\(home.replacing("direct", with: "ssh"))\ngateway = \"\(gateway)\"\n"
    }
}
