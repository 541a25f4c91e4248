extension WrongFile {
    /// `[web]`.
    static let web: [WrongFile] = [
        wrongWeb(
            "token = { file = \"/t\" }",
            """
            1:2 missing key `listen` in [web]
                write listen = "127.0.0.1:9876"
            """),
        wrongWeb(
            "listen = \"127.0.0.1\"\ntoken = { file = \"/t\" }",
            """
            2:10 "127.0.0.1" is not an address with a port
                write listen = "127.0.0.1:9876"
            """),
        wrongWeb(
            "listen = \"localhost:80\"\ntoken = { file = \"/t\" }",
            """
            2:10 "localhost:80" is not an address with a port
                write listen = "127.0.0.1:9876"
            """),
        wrongWeb(
            "listen = \"0.0.0.0:9876\"\ntoken = { file = \"/t\" }",
            """
            2:10 "0.0.0.0:9876" can be reached from elsewhere, and there is no TLS
                give it `certificate` and `key`, or let ssh -L or a proxy with TLS lead to 127.0.0.1
            """),
        wrongWeb(
            "listen = \"0.0.0.0:9876\"\ntoken = { file = \"/t\" }\ncertificate = \"/c\"\nkey = \"/k\"",
            """
            2:10 "0.0.0.0:9876" is every address of this host
                write the one that is to be asked
            """),
        wrongWeb(
            "listen = \"192.0.2.1:8443\"\ntoken = { file = \"/t\" }\ncertificate = \"/c\"",
            "4:1 `certificate` needs `key` beside it"),
        wrongWeb(
            "listen = \"192.0.2.1:8443\"\ntoken = { file = \"/t\" }\ncertificate = \"c\"\nkey = \"/k\"",
            "4:15 `certificate` must be an absolute path"),
        wrongWeb(
            "listen = \"[::1]:8443\"\ntoken = { file = \"/t\" }\nnames = [\"gw\", \"a b\"]",
            "4:16 \"a b\" is not a host's name"),
        wrongWeb(
            "listen = \"[::1]:9876\"",
            """
            1:2 missing key `token` in [web]
                write token = { file = "/etc/dvpn/secrets/NAME" }, { credential = "NAME" } or { ask = true }
            """),
        wrongWeb(
            "listen = \"[::1]:9876\"\ntoken = { ask = true }",
            """
            3:9 a page's token cannot be asked for
            """),
    ]

    private static func wrongWeb(_ text: String, _ report: String) -> WrongFile {
        WrongFile("[web] \(text)", "[web]\n\(text)\n", report)
    }
}
