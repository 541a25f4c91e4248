extension WrongFile {
    /// What a network as a whole lacks or must not have.
    static let networks: [WrongFile] = [
        WrongFile(
            "an empty network",
            "[[network]]\n",
            """
            1:3 missing key `name` in [[network]]
                write name = "home", for one
            1:3 missing key `prefixes` in [[network]]
                write prefixes = ["10.1.2.0/24"], for one
            1:3 missing key `via` in [[network]]
                write via = "ssh", for one
            """),
        WrongFile(
            "a network without prefixes",
            """
            [[network]]
            name = "home"
            via = "direct"
            """,
            """
            1:3 missing key `prefixes` in [[network]]
                write prefixes = ["10.1.2.0/24"], for one
            """),
        WrongFile(
            "ssh without a gateway",
            """
            [[network]]
            name = "home"
            prefixes = ["10.0.0.0/8"]
            via = "ssh"
            """,
            """
            1:3 missing key `gateway` in [[network]]
                write gateway = "user@host"
            """),
        WrongFile(
            "a name with a capital",
            """
            [[network]]
            name = "Home"
            prefixes = ["10.0.0.0/8"]
            via = "direct"
            """,
            """
            2:8 "Home" is not a network name
                1 to 32 of a-z, 0-9 and -, not beginning with -
            """),
        WrongFile(
            "a name that is too long",
            """
            [[network]]
            name = "a23456789012345678901234567890123"
            prefixes = ["10.0.0.0/8"]
            via = "direct"
            """,
            """
            2:8 "a23456789012345678901234567890123" is not a network name
                1 to 32 of a-z, 0-9 and -, not beginning with -
            """),
        WrongFile(
            "two networks of one name",
            """
            \(home)
            [[network]]
            name = "home"
            prefixes = ["10.9.0.0/16"]
            via = "direct"
            """,
            """
            6:8 the network name "home" is already used at dvpn.toml:2:8
                each network needs its own name
            """),
        WrongFile(
            "a back end that is none",
            """
            \(home)
            [[network]]
            name = "work"
            prefixes = ["10.9.0.0/16"]
            via = "shh"
            """,
            """
            8:7 `via` must be "ssh", "vpnc", "openconnect", "command" or "direct", not "shh"
                did you mean "ssh"?
            """),
        WrongFile(
            "a connect mode that is none",
            """
            \(home)
            connect = "lazy"
            """,
            """
            5:11 `connect` must be "truthful" or "eager", not "lazy"
            """),
        WrongFile(
            "a gateway for direct",
            """
            \(home)
            gateway = "dvpn@203.0.113.7"
            idle = "5m"
            ssh.port = 22
            """,
            """
            5:1 `gateway` means nothing with via = "direct"
                remove it or write via = "ssh"
            6:1 `idle` means nothing with via = "direct"
                remove it or write via = "ssh"
            7:1 `ssh` means nothing with via = "direct"
                remove it or write via = "ssh"
            """),
    ]
}
