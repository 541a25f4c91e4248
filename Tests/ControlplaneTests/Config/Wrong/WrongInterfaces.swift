extension WrongFile {
    /// The interfaces of `lan`, and several mistakes at once.
    static let interfaces: [WrongFile] = [
        WrongFile(
            "an interface with a slash",
            "lan = [\"br/lan\"]\n",
            """
            1:8 "br/lan" is not the name of an interface
            """),
        WrongFile(
            "an interface name too long",
            "lan = [\"a234567890123456\"]\n",
            """
            1:8 "a234567890123456" is not the name of an interface
            """),
        WrongFile(
            "a wildcard",
            "lan = [\"eth*\"]\n",
            """
            1:8 "eth*" has a wildcard in it: write each interface by name
            """),
        WrongFile(
            "loopback as lan",
            "lan = [\"lo\"]\n",
            """
            1:8 "lo" needs no entry: this host's own programs are served anyway
            """),
        WrongFile(
            "dvpn0 as lan",
            "lan = [\"dvpn0\"]\n",
            """
            1:8 "dvpn0" is dvpn's own device
            """),
        WrongFile(
            "an interface twice",
            "lan = [\"eth0\", \"eth1\", \"eth0\"]\n",
            """
            1:24 "eth0" is listed twice
            """),
        WrongFile(
            "many mistakes at once",
            """
            lan = ["lo"]
            hold = 5
            \(home)
            x = 1
            [limits]
            y = 2
            """,
            """
            1:8 "lo" needs no entry: this host's own programs are served anyway
            2:8 `hold` must be a duration in a string, not an integer
                write hold = "5s"
            7:1 unknown key `x` in [[network]]
            9:1 unknown key `y` in [limits]
            """),
    ]
}
