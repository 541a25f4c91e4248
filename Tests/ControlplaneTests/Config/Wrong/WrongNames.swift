extension WrongFile {
    /// Domains and name servers.
    static let names: [WrongFile] = [
        WrongFile(
            "a wildcard domain",
            vpnc("domains = [\"*.corp.example\"]"),
            """
            6:12 "*.corp.example" is not a domain
                write "corp.example": every name below it is meant as well
            """),
        WrongFile(
            "a domain with dots at its ends",
            vpnc("domains = [\".corp.example\", \"lab.example.\"]"),
            """
            6:12 ".corp.example" is not a domain
                write "corp.example": every name below it is meant as well
            6:29 "lab.example." is not a domain
                write "lab.example": every name below it is meant as well
            """),
        WrongFile(
            "a prefix for a domain",
            vpnc("domains = [\"10.66.0.0/16\"]"),
            """
            6:12 "10.66.0.0/16" is not a domain
                addresses belong in `prefixes`, and so do their names
            """),
        WrongFile(
            "a domain with an umlaut",
            vpnc("domains = [\"münchen.example\"]"),
            """
            6:12 "münchen.example" is not a domain
                write it in ASCII, as in xn--mnchen-3ya
            """),
        WrongFile(
            "localhost",
            vpnc("domains = [\"LocalHost\", \"\", \"-x\"]"),
            """
            6:12 "LocalHost" is every host's own name for itself
            6:25 "" is not a domain
            6:29 "-x" is not a domain
            """),
        WrongFile(
            "one domain without its brackets",
            vpnc("domains = \"corp.example\""),
            """
            6:11 `domains` must be an array of strings, not a string
                write domains = ["corp.example"]
            """),
        WrongFile(
            "a domain of two networks, in other letters",
            vpnc("domains = [\"corp.example\"]"),
            second: """
                \(ssh)
                domains = ["a.corp.example", "Corp.Example"]
                dns = ["10.1.2.53"]
                """,
            """
            dvpn.d/b.toml:6:30 corp.example is already a domain of network "work" at dvpn.toml:6:12
                a domain belongs to one network; a longer one inside it may be another's
            """),
        WrongFile(
            "a domain twice in one network",
            vpnc("domains = [\"corp.example\", \"corp.example\"]"),
            """
            6:28 corp.example is already a domain of network "work" at dvpn.toml:6:12
                a domain belongs to one network; a longer one inside it may be another's
            """),
        WrongFile(
            "a name for a name server",
            vpnc("dns = [\"ns.corp.example\", \"10.66.0.10:53\"]"),
            """
            6:8 "ns.corp.example" is not an address
                write it like 10.1.2.53 or fd00:1:2::53
            6:27 "10.66.0.10:53" is not an address
                write it like 10.1.2.53 or fd00:1:2::53
            """),
        WrongFile(
            "a name server outside of the network",
            vpnc("dns = [\"10.66.0.10\", \"10.67.0.10\", \"fd00::53\"]"),
            """
            6:22 10.67.0.10 lies in none of the network's prefixes
                add "10.67.0.10/32" to `prefixes`: what goes there leaves in the clear otherwise
            6:36 fd00::53 lies in none of the network's prefixes
                add "fd00::53/128" to `prefixes`: what goes there leaves in the clear otherwise
            """),
        WrongFile(
            "a name server beside a wrong prefix",
            """
            [[network]]
            name = "home"
            prefixes = ["10.1.2.0/24", "10.9.0.1/16"]
            via = "ssh"
            gateway = "dvpn@203.0.113.7"
            dns = ["10.9.0.53"]
            """,
            """
            3:28 10.9.0.1/16 has host bits set
                did you mean 10.9.0.0/16?
            """),
        WrongFile(
            "a name server twice",
            vpnc("dns = [\"10.66.0.10\", \"10.66.0.10\"]"),
            """
            6:22 10.66.0.10 is listed twice
            """),
        WrongFile(
            "domains behind ssh without a name server",
            """
            \(ssh)
            domains = ["corp.example"]
            """,
            """
            6:1 `domains` needs `dns` with via = "ssh"
                name the network's own server, such as dns = ["10.1.2.53"]
            """),
        WrongFile(
            "domains behind a command without a name server",
            command.replacing("[network.command]", with: "domains = [\"c\"]\n[network.command]"),
            """
            5:1 `domains` needs `dns` with via = "command"
                name the network's own server, such as dns = ["10.1.2.53"]
            """),
        WrongFile(
            "names of a network without a tunnel",
            """
            \(home)
            domains = ["corp.example"]
            dns = ["10.1.2.53"]
            """,
            """
            5:1 `domains` means nothing with via = "direct"
                the names of a network that is routed already are your resolver's matter
            6:1 `dns` means nothing with via = "direct"
                the names of a network that is routed already are your resolver's matter
            """),
    ]
}
