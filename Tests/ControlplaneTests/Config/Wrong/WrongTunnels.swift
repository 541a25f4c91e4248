extension WrongFile {
    /// Settings of an ssh tunnel.
    static let tunnels: [WrongFile] = [
        WrongFile(
            "port 0",
            """
            \(ssh)
            [network.ssh]
            port = 0
            """,
            """
            7:8 `port` must be from 1 to 65535, not 0
            """),
        WrongFile(
            "port 65536",
            """
            \(ssh)
            ssh = { port = 65536 }
            """,
            """
            6:16 `port` must be from 1 to 65535, not 65536
            """),
        WrongFile(
            "a relative identity",
            """
            \(ssh)
            [network.ssh]
            identity = "id_ed25519"
            """,
            """
            7:12 `identity` must be an absolute path
            """),
        WrongFile(
            "an identity at home",
            """
            \(ssh)
            [network.ssh]
            identity = "~/.ssh/id_ed25519"
            """,
            """
            7:12 `identity` must be an absolute path
                ssh runs as user dvpn-ssh, which has no ~
            """),
        WrongFile(
            "a token in a path",
            """
            \(ssh)
            [network.ssh]
            known-hosts = "/etc/%h"
            """,
            """
            7:15 `known-hosts` must not have a quote, backslash, % or tab in it
            """),
        WrongFile(
            "a session that is none",
            """
            \(ssh)
            [network.ssh]
            session = "share"
            """,
            """
            7:11 `session` must be "shared" or "per-connection", not "share"
                did you mean "shared"?
            """),
        WrongFile(
            "no connection for a master",
            """
            \(ssh)
            [network.ssh]
            connections-per-master = 0
            """,
            """
            7:26 `connections-per-master` must be from 1 to 100000, not 0
            """),
        WrongFile(
            "an idle time below a second",
            """
            \(ssh)
            idle = "500ms"
            """,
            """
            6:8 `idle` must be from 1s to 168h, not 500ms
            """),
    ]
}
