extension WrongFile {
    /// Values of the wrong kind or out of range.
    static let types: [WrongFile] = [
        WrongFile(
            "a string for a list",
            "lan = \"br-lan\"\n",
            """
            1:7 `lan` must be an array of strings, not a string
                write lan = ["br-lan"]
            """),
        WrongFile(
            "a number in a list of strings",
            """
            lan = [
              "eth0", # one
              7,
            ]
            """,
            """
            3:3 `lan` must hold strings only, not an integer
            """),
        WrongFile(
            "a number for a duration",
            "hold = 30\n",
            """
            1:8 `hold` must be a duration in a string, not an integer
                write hold = "30s"
            """),
        WrongFile(
            "words for a duration",
            "hold = \"5 minutes\"\n",
            """
            1:8 "5 minutes" is not a duration
                write it like "90s", "5m", "1h30m" or "250ms"
            """),
        WrongFile(
            "units in the wrong order",
            "hold = \"5s1m\"\n",
            """
            1:8 "5s1m" is not a duration
                write it like "90s", "5m", "1h30m" or "250ms"
            """),
        WrongFile(
            "a fraction",
            """
            [limits]
            connections = 1.5
            """,
            """
            2:15 `connections` must be an integer, not a number with a fraction
            """),
        WrongFile(
            "a date",
            "hold = 2026-01-02 03:04:05\n",
            """
            1:8 `hold` must be a duration in a string, not a date or time
            """),
        WrongFile(
            "a string for a port",
            """
            \(ssh)
            [network.ssh]
            port = "22"
            """,
            """
            7:8 `port` must be an integer, not a string
                write port = 22, without quotes
            """),
        WrongFile(
            "a boolean for a word",
            """
            \(home)
            connect = true
            """,
            """
            5:11 `connect` must be a string, not a boolean
            """),
        WrongFile(
            "a list for a word",
            """
            [[network]]
            name = ["home"]
            prefixes = ["10.0.0.0/8"]
            via = "direct"
            """,
            """
            2:8 `name` must be a string, not an array
                write name = "home"
            """),
        WrongFile(
            "[network] with one bracket",
            """
            [network]
            name = "home"
            """,
            """
            1:2 `network` must be an array of tables, not a table
                write [[network]] with two brackets
            """),
        WrongFile(
            "networks in a list of strings",
            "network = [\"home\"]\n",
            """
            1:12 `network` must hold tables only, not a string
            """),
        WrongFile(
            "[[network.ssh]] with two",
            """
            \(ssh)
            [[network.ssh]]
            port = 22
            """,
            """
            6:11 `ssh` in [[network]] must be a table, not an array
                its header is [network.ssh]
            """),
        WrongFile(
            "limits that are no table",
            "limits = 5\n",
            """
            1:1 `limits` at the top level must be a table, not an integer
                its header is [limits]
            """),
        WrongFile(
            "a hold that is too long",
            "hold = \"11m\"\n",
            """
            1:8 `hold` must be from 100ms to 10m, not 11m
            """),
        WrongFile(
            "a limit of zero",
            """
            [limits]
            connections = 0
            """,
            """
            2:15 `connections` must be from 1 to 1000000, not 0
            """),
    ]
}
