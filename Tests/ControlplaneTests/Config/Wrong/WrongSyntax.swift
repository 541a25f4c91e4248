extension WrongFile {
    /// What is not TOML at all.
    static let syntax: [WrongFile] = [
        WrongFile(
            "a value without quotes",
            "hold = 30s\n",
            """
            1:10 not TOML: while parsing decimal integer: expected digit, saw 's'
            """),
        WrongFile(
            "a string without its end",
            "lan = [\"eth0]\n",
            """
            1:14 not TOML: while parsing string: unescaped control characters \
            other than TAB (U+0009) are explicitly prohibited
            """),
        WrongFile(
            "a header without its end",
            """
            [[network]
            name = "home"
            """,
            """
            1:11 not TOML: while parsing table header: expected ']', saw '\\n'
            """),
        WrongFile(
            "a key without a value",
            "lan =\n",
            """
            1:6 not TOML: while parsing key-value pair: expected value, saw '\\n'
            """),
        WrongFile(
            "a key twice",
            """
            hold = "30s"
            hold = "40s"
            """,
            """
            2:8 not TOML: while parsing key-value pair: cannot redefine existing string 'hold'
            """),
        WrongFile(
            "a table twice",
            """
            [limits]
            [limits]
            """,
            """
            2:1 not TOML: while parsing table header: cannot redefine existing table 'limits'
            """),
        WrongFile(
            "an escape that is none",
            "lan = [\"eth\\0\"]\n",
            """
            1:13 not TOML: while parsing string: unknown escape sequence '\\0'
            """),
        WrongFile(
            "a NUL byte",
            """
            lan = []
            hold = "30s\u{0}"
            """,
            """
            2:1 NUL byte in this line
            """),
        WrongFile(
            "an escaped NUL",
            "lan = [\"eth0\\u0000x\"]\n",
            """
            1:8 this string has a NUL character in it
            """),
    ]
}
