extension WrongFile {
    /// Where secrets are, and what people write instead.
    static let secrets: [WrongFile] = [
        WrongFile(
            "the secret itself",
            password("\"hunter2\""),
            """
            11:12 `password` must say where the secret is, not be a string
                write password = { file = "/etc/dvpn/secrets/NAME" }, { credential = "NAME" } \
            or { ask = true }
            """),
        WrongFile(
            "no secret",
            vpnc().replacing("password = { ask = true }", with: ""),
            """
            7:10 missing key `password` in [network.vpnc]
                write password = { file = "/etc/dvpn/secrets/NAME" }, { credential = "NAME" } \
            or { ask = true }
            """),
        WrongFile(
            "a secret in two places",
            password("{ file = \"/f\", ask = true }"),
            """
            11:12 `password` must name one place of the secret, not 2
                write password = { file = "/etc/dvpn/secrets/NAME" }, { credential = "NAME" } \
            or { ask = true }
            """),
        WrongFile(
            "a secret nowhere",
            password("{}"),
            """
            11:12 `password` must name one place of the secret, not 0
                write password = { file = "/etc/dvpn/secrets/NAME" }, { credential = "NAME" } \
            or { ask = true }
            """),
        WrongFile(
            "a secret in a misspelt place",
            password("{ flie = \"/f\" }"),
            """
            11:14 unknown key `flie` in a secret
                did you mean `file`?
            """),
        WrongFile(
            "a secret that is not asked for",
            password("{ ask = false }"),
            """
            11:20 `ask` can only be true
            """),
        WrongFile(
            "a secret in a relative file",
            password("{ file = \"secrets/work\" }"),
            """
            11:21 `file` must be an absolute path
            """),
        WrongFile(
            "a path for a credential",
            password("{ credential = \"/etc/work\" }"),
            """
            11:27 "/etc/work" is not a credential's name
                it is the name before the colon in LoadCredential=
            """),
    ]

    /// A network through vpnc with this password on line 11.
    private static func password(_ value: String) -> String {
        vpnc().replacing("password = { ask = true }", with: "password = \(value)")
    }
}
