extension WrongFile {
    /// `[dns]`.
    static let dns: [WrongFile] = [
        wrongDNS(
            "mode = \"dropin\"",
            """
            2:8 `mode` must be "none", "drop-in", "dbus" or "managed", not "dropin"
                did you mean "drop-in"?
            """),
        wrongDNS(
            "host = \"systemd-resolved\"",
            """
            2:8 `host` must be "none", "dnsmasq" or "resolved", not "systemd-resolved"
            """),
        wrongDNS(
            "host = \"dnsmasq\"",
            """
            2:8 host = "dnsmasq" needs a mode
                write mode = "managed", "drop-in" or "dbus"
            """),
        wrongDNS(
            "mode = \"managed\"",
            """
            1:2 missing key `listen` in [dns]
                write listen = ["192.168.77.1"], for one
            """),
        wrongDNS(
            "mode = \"managed\"\nlisten = []",
            """
            3:10 `listen` is empty
            """),
        wrongDNS(
            "mode = \"managed\"\nlisten = [\"192.168.77.1\", \"0.0.0.0\", \"br-lan\"]",
            """
            3:27 "0.0.0.0" is not an address that `listen` can have
                write it like 192.168.77.1
            3:38 "br-lan" is not an address that `listen` can have
                write it like 192.168.77.1
            """),
        wrongDNS(
            "mode = \"managed\"\nlisten = [\"::1\"]\nupstream = [\"dns.example\"]",
            """
            4:13 "dns.example" is not an address that `upstream` can have
                write it like 203.0.113.1
            """),
        wrongDNS(
            "mode = \"managed\"\nlisten = [\"::1\"]\nupstream = [\"192.0.2.1#0\"]",
            """
            4:13 "192.0.2.1#0" is not an address that `upstream` can have
                write it like 203.0.113.1
            """),
        wrongDNS(
            "mode = \"managed\"\nlisten = [\"::1\"]\nport = 0",
            """
            4:8 `port` must be from 1 to 65535, not 0
            """),
        wrongDNS(
            "mode = \"dbus\"\nforwarder-port = 65536",
            """
            3:18 `forwarder-port` must be from 1 to 65535, not 65536
            """),
        wrongDNS(
            "mode = \"drop-in\"\ndrop-in = \"dvpn.conf\"",
            """
            3:11 `drop-in` must be the absolute path of a file
            """),
        wrongDNS(
            "mode = \"drop-in\"\nconfig = \"/etc/dns masq.conf\"",
            """
            3:10 `config` must not have a space, quote, comma, # or backslash in it
            """),
        wrongDNS(
            "mode = \"drop-in\"\npid-file = \"/run/dnsmasq/\"",
            """
            3:12 `pid-file` must be the absolute path of a file
            """),
        wrongDNS(
            "mode = \"drop-in\"\nrestart = []",
            """
            3:11 `restart` names no program
                write restart = ["systemctl", "restart", "dnsmasq"], for one
            """),
        wrongDNS(
            "mode = \"dbus\"\nlisten = [\"192.168.77.1\"]\nrestart = [\"true\"]",
            """
            3:1 `listen` means nothing without mode = "managed"
            4:1 `restart` means nothing without mode = "drop-in"
            """),
        wrongDNS(
            "upstream = [\"192.0.2.1\"]",
            """
            2:1 `upstream` means nothing without mode = "managed"
            """),
        wrongDNS(
            "server = \"192.0.2.1\"",
            """
            2:1 unknown key `server` in [dns]
            """),
        WrongFile(
            "[dns] that is no table",
            """
            dns = "managed"
            """,
            """
            1:1 `dns` at the top level must be a table, not a string
                its header is [dns]
            """),
        WrongFile(
            "[dns] in two files",
            """
            [dns]
            mode = "dbus"
            """,
            second: """
                [dns]
                host = "resolved"
                """,
            """
            dvpn.d/b.toml:1:2 `dns` at the top level is already given at dvpn.toml:1:2
                a setting may be given in one file only
            """),
    ]

    private static func wrongDNS(_ lines: String, _ messages: String) -> WrongFile {
        WrongFile("[dns] \(lines)", "[dns]\n\(lines)\n", messages)
    }
}
