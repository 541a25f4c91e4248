extension WrongFile {
    /// Keys that are unknown, misplaced or of a later version.
    static let keys: [WrongFile] = [
        WrongFile(
            "a misspelt key of a network",
            """
            \(home)
            prefxes = []
            """,
            """
            5:1 unknown key `prefxes` in [[network]]
                did you mean `prefixes`?
            """),
        WrongFile(
            "an underscore for a hyphen",
            """
            \(ssh)
            [network.ssh]
            known_hosts = "/k"
            """,
            """
            7:1 unknown key `known_hosts` in [network.ssh]
                did you mean `known-hosts`?
            """),
        WrongFile(
            "capitals",
            """
            \(home)
            Connect = "eager"
            """,
            """
            5:1 unknown key `Connect` in [[network]]
                did you mean `connect`?
            """),
        WrongFile(
            "a key that nobody knows",
            "colour = \"blue\"\n",
            """
            1:1 unknown key `colour` at the top level
            """),
        WrongFile(
            "a misspelt top-level key",
            "holt = \"30s\"\n",
            """
            1:1 unknown key `holt` at the top level
                did you mean `hold`?
            """),
        WrongFile(
            "a key before its [[network]]",
            "name = \"home\"\n",
            """
            1:1 unknown key `name` at the top level
                `name` belongs in [[network]]
            """),
        WrongFile(
            "a key of ssh in the network",
            """
            \(ssh)
            identity = "/key"
            """,
            """
            6:1 unknown key `identity` in [[network]]
                `identity` belongs in [network.ssh]
            """),
        WrongFile(
            "a top-level key after a header",
            """
            \(home)
            hold = "30s"
            """,
            """
            5:1 unknown key `hold` in [[network]]
                `hold` belongs at the top level
            """),
        WrongFile(
            "an unknown key of limits",
            """
            [limits]
            half-opened = 3
            """,
            """
            2:1 unknown key `half-opened` in [limits]
                did you mean `half-open`?
            """),
        WrongFile(
            "a dotted key",
            "limits.conections = 5\n",
            """
            1:8 unknown key `conections` in [limits]
                did you mean `connections`?
            """),
        WrongFile(
            "a quoted key",
            "\"lan \" = []\n",
            """
            1:1 unknown key `lan ` at the top level
                did you mean `lan`?
            """),
        WrongFile(
            "[ssh] at the top",
            """
            [ssh]
            port = 22
            """,
            """
            1:2 unknown key `ssh` at the top level
                `ssh` belongs in [[network]] or in [[map]]
            """),
        WrongFile(
            "a key that several tables have",
            """
            \(ssh)
            username = "rob"
            """,
            """
            6:1 unknown key `username` in [[network]]
                `username` belongs in [network.vpnc] or in [network.openconnect]
            """),
        WrongFile(
            "a table of another back end",
            """
            \(home)
            [network.vpnc]
            group = "staff"
            """,
            """
            5:10 `vpnc` means nothing with via = "direct"
                remove it or write via = "vpnc"
            """),
    ]
}
