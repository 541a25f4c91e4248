extension WrongFile {
    /// Tunnels through openconnect.
    static let openconnects: [WrongFile] = [
        WrongFile(
            "openconnect without anything",
            """
            \(home.replacing("direct", with: "openconnect"))
            openconnect = 5
            """,
            """
            1:3 missing key `gateway` in [[network]]
                write gateway = "vpn.corp.example", for one
            5:1 `openconnect` in [[network]] must be a table, not an integer
                its header is [network.openconnect]
            """),
        WrongFile(
            "openconnect without a user",
            openconnect.replacing("username = \"rob\"\n", with: ""),
            """
            6:10 missing key `username` in [network.openconnect]
                write username = "rob", for one
            """),
        WrongFile(
            "a URL for openconnect's gateway",
            openconnect.replacing("\"vpn.", with: "\"https://vpn."),
            """
            5:11 the gateway "https://vpn.corp.example" is a URL
                write the host alone
            """),
        WrongFile(
            "a port of openconnect that is none",
            openconnect.replacing(".example", with: ".example:70000"),
            """
            5:11 the port in "vpn.corp.example:70000" must be from 1 to 65535
            """),
        WrongFile(
            "a protocol that openconnect does not speak",
            "\(openconnect)\nprotocol = \"any-connect\"\n",
            """
            9:12 `protocol` must be "anyconnect", "nc", "gp", "pulse", "f5", "fortinet" or "array", \
            not "any-connect"
                did you mean "anyconnect"?
            """),
        WrongFile(
            "a fingerprint for a pin",
            "\(openconnect)\nserver-cert = \"sha256:9f86d081\"\n",
            """
            9:15 "sha256:9f86d081" is not the pin of a certificate
                openconnect prints it as pin-sha256: and 44 characters
            """),
        WrongFile(
            "a key of vpnc in openconnect",
            "\(openconnect)\ngroup = \"staff\"\n",
            """
            9:1 unknown key `group` in [network.openconnect]
                `group` belongs in [[forward]] or in [network.vpnc]
            """),
    ]
}
