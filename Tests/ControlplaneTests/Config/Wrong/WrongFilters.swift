extension WrongFile {
    /// The lists of `[network.filter]`.
    static let filters: [WrongFile] = [
        WrongFile(
            "a key of the filter that is none",
            vpnc("filter.keepup = [\"any\"]"),
            """
            6:8 unknown key `keepup` in [network.filter]
                did you mean `keep-up`?
            """),
        WrongFile(
            "a filter that is no table",
            vpnc("filter = [\"any\"]"),
            """
            6:1 `filter` in [[network]] must be a table, not an array
                its header is [network.filter]
            """),
        WrongFile(
            "an empty filter",
            vpnc("filter.start = []"),
            """
            6:16 `start` is empty
                write ["any"] for every packet or ["!any"] for none
            """),
        WrongFile(
            "rules the wrong way round, in capitals and with a colon",
            vpnc("filter.start = [\"53/udp\", \"!TCP/80\", \"udp:53\"]"),
            """
            6:17 "53/udp" is not a filter rule
                did you mean "udp/53"?
            6:27 "!TCP/80" is not a filter rule
                did you mean "!tcp/80"?
            6:38 "udp:53" is not a filter rule
                did you mean "udp/53"?
            """),
        WrongFile(
            "rules that nobody understands",
            vpnc("filter.pass = [\"\", \"web\", \"!!udp\", \"any/5\", \"53\"]"),
            """
            6:16 "" is not a filter rule
                write it like "any", "udp/53", "!tcp/6000-6063" or "icmp/8"
            6:20 "web" is not a filter rule
                write it like "any", "udp/53", "!tcp/6000-6063" or "icmp/8"
            6:27 "!!udp" is not a filter rule
                write it like "any", "udp/53", "!tcp/6000-6063" or "icmp/8"
            6:36 "any/5" is not a filter rule
                did you mean "any"?
            6:45 "53" is not a filter rule
                write it like "any", "udp/53", "!tcp/6000-6063" or "icmp/8"
            """),
        WrongFile(
            "the name of a service for a port",
            vpnc(
                "filter.start = [\"tcp/http\", \"tcp/\", \"icmp/256\", \"udp/65536\", \"udp/1-2-3\"]"
            ),
            """
            6:17 the number in "tcp/http" must be from 0 to 65535, or a range like 10-20
            6:29 the number in "tcp/" must be from 0 to 65535, or a range like 10-20
            6:37 the number in "icmp/256" must be from 0 to 255, or a range like 10-20
            6:49 the number in "udp/65536" must be from 0 to 65535, or a range like 10-20
            6:62 the number in "udp/1-2-3" must be from 0 to 65535, or a range like 10-20
            """),
        WrongFile(
            "a range that runs backwards",
            vpnc("filter.start = [\"!tcp/2000-1000\"]"),
            """
            6:17 the range in "!tcp/2000-1000" runs backwards
                did you mean "!tcp/1000-2000"?
            """),
        WrongFile(
            "a port of a protocol without ports",
            vpnc("filter.keep-up = [\"gre/1\"]"),
            """
            6:19 "gre/1" has a number, but its protocol has no ports
            """),
        WrongFile(
            "rules that come too late",
            vpnc("filter.start = [\"udp/50-60\", \"!udp/53\", \"any\", \"tcp\"]"),
            """
            6:30 "!udp/53" has no effect: "udp/50-60" comes first
            6:48 "tcp" has no effect: "any" comes first
            """),
        WrongFile(
            "more rules than fit",
            vpnc("filter.start = [\(manyRules)]"),
            """
            6:16 `start` has more than 31 entries
            """),
        WrongFile(
            "more filters than fit",
            manyFilters,
            """
            7175:8 more than 1024 different `start` filters are configured
            """),
    ]

    /// 1,025 networks of seven lines, each with a filter of its own on the last.
    private static let manyFilters = (0...1_024).map { index in
        """
        [[network]]
        name = "n\(index)"
        prefixes = ["10.\(index / 256).\(index % 256).0/24"]
        via = "command"
        command.start = ["/bin/tunnel"]

        filter.start = ["udp/\(index)"]
        """
    }.joined(separator: "\n")

    /// 32 rules, after which the one for the rest would be the 33rd.
    private static let manyRules = (1...32).map { "\"udp/\($0)\"" }.joined(separator: ", ")
}
