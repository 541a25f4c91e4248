extension WrongFile {
    /// Prefixes that are none, that cannot be private, or that are given twice.
    static let prefixes: [WrongFile] = [
        WrongFile(
            "no prefix at all",
            network(prefix: nil),
            """
            3:12 `prefixes` is empty
            """),
        WrongFile(
            "no length",
            network(prefix: "10.1.2.3"),
            """
            3:13 10.1.2.3 has no length
                did you mean 10.1.2.3/32?
            """),
        WrongFile(
            "host bits",
            network(prefix: "10.1.2.3/24"),
            """
            3:13 10.1.2.3/24 has host bits set
                did you mean 10.1.2.0/24?
            """),
        WrongFile(
            "host bits of IPv6",
            network(prefix: "fd00:1::1/64"),
            """
            3:13 fd00:1::1/64 has host bits set
                did you mean fd00:1::/64?
            """),
        WrongFile(
            "a length beyond 32",
            network(prefix: "10.1.2.0/33"),
            """
            3:13 the length in 10.1.2.0/33 must be from 0 to 32
            """),
        WrongFile(
            "a netmask",
            network(prefix: "10.1.2.0/255.255.255.0"),
            """
            3:13 the length in 10.1.2.0/255.255.255.0 must be from 0 to 32
            """),
        WrongFile(
            "a short address",
            network(prefix: "10.1/16"),
            """
            3:13 "10.1/16" is not a prefix
                write it like 10.1.2.0/24 or 2001:db8::/32
            """),
        WrongFile(
            "a name",
            network(prefix: "host.example"),
            """
            3:13 "host.example" is not a prefix
                write it like 10.1.2.0/24 or 2001:db8::/32
            """),
        WrongFile(
            "the default route",
            network(prefix: "0.0.0.0/0"),
            """
            3:13 0.0.0.0/0 is the default route
                dvpn carries private networks only; name their prefixes
            """),
        WrongFile(
            "the default route of IPv6",
            network(prefix: "::/0"),
            """
            3:13 ::/0 is the default route
                dvpn carries private networks only; name their prefixes
            """),
        WrongFile(
            "loopback",
            network(prefix: "127.1.0.0/16"),
            """
            3:13 127.1.0.0/16 lies in 127.0.0.0/8 (loopback)
            """),
        WrongFile(
            "link-local",
            network(prefix: "fe80::/64"),
            """
            3:13 fe80::/64 lies in fe80::/10 (link-local)
            """),
        WrongFile(
            "multicast",
            network(prefix: "224.0.0.0/3"),
            """
            3:13 224.0.0.0/3 contains 224.0.0.0/4 (multicast)
            """),
        WrongFile(
            "IPv4 in IPv6",
            network(prefix: "::ffff:10.1.2.0/120"),
            """
            3:13 ::ffff:10.1.2.0/120 lies in ::ffff:0.0.0.0/96 (IPv4-mapped)
            """),
        WrongFile(
            "dvpn0's own address",
            network(prefix: "192.0.0.0/24"),
            """
            3:13 192.0.0.0/24 contains dvpn's own address block 192.0.0.8/32
            """),
        WrongFile(
            "dvpn0's own prefix",
            network(prefix: "fd64:7670:6e00:1::/64"),
            """
            3:13 fd64:7670:6e00:1::/64 lies in dvpn's own address block fd64:7670:6e00::/48
            """),
        WrongFile(
            "a prefix twice",
            """
            \(home)
            [[network]]
            name = "work"
            prefixes = ["10.9.0.0/16", "10.1.2.0/24"]
            via = "direct"
            """,
            """
            7:28 10.1.2.0/24 is already a prefix of network "home" at dvpn.toml:3:13
                a prefix belongs to one network; a longer one inside it may be another's
            """),
        WrongFile(
            "a prefix twice in one network",
            """
            [[network]]
            name = "home"
            prefixes = ["fd00:1::/32", "fd00:0001::0/32"]
            via = "direct"
            """,
            """
            3:28 fd00:1::/32 is already a prefix of network "home" at dvpn.toml:3:13
                a prefix belongs to one network; a longer one inside it may be another's
            """),
    ]

    /// A direct network with one prefix on line 3, or with none.
    static func network(prefix: String?) -> String {
        let list = prefix.map { "\"\($0)\"" } ?? ""
        return "[[network]]\nname = \"home\"\nprefixes = [\(list)]\nvia = \"direct\"\n"
    }
}
