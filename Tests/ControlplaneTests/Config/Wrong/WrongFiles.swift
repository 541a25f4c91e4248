extension WrongFile {
    /// What two files must not both say.
    static let files: [WrongFile] = [
        WrongFile(
            "lan in two files",
            "lan = []\n",
            second: "lan = [\"eth0\"]\n",
            """
            dvpn.d/b.toml:1:1 `lan` at the top level is already given at dvpn.toml:1:7
                a setting may be given in one file only
            """),
        WrongFile(
            "hold in two files",
            "hold = \"30s\"\n",
            second: """

                 hold = "30s"
                """,
            """
            dvpn.d/b.toml:2:2 `hold` at the top level is already given at dvpn.toml:1:8
                a setting may be given in one file only
            """),
        WrongFile(
            "a limit in two files",
            """
            [limits]
            half-open = 5
            """,
            second: "limits = { half-open = 5, connections = 6 }\n",
            """
            dvpn.d/b.toml:1:12 `half-open` in [limits] is already given at dvpn.toml:2:13
                a setting may be given in one file only
            """),
        WrongFile(
            "a network in two files",
            home,
            second: """
                [[network]]
                name = "home"
                prefixes = ["10.1.2.0/24"]
                via = "direct"
                """,
            """
            dvpn.d/b.toml:2:8 the network name "home" is already used at dvpn.toml:2:8
                each network needs its own name
            dvpn.d/b.toml:3:13 10.1.2.0/24 is already a prefix of network "home" at dvpn.toml:3:13
                a prefix belongs to one network; a longer one inside it may be another's
            """),
        WrongFile(
            "mistakes in both files",
            "lan = [\"lo\"]\n",
            second: "x = 1\n",
            """
            1:8 "lo" needs no entry: this host's own programs are served anyway
            dvpn.d/b.toml:1:1 unknown key `x` at the top level
            """),
        WrongFile(
            "a syntax error beside another mistake",
            "lan = [\n",
            second: "x = 1\n",
            """
            1:9 not TOML: while parsing array: encountered end-of-file
            dvpn.d/b.toml:1:1 unknown key `x` at the top level
            """),
    ]
}
