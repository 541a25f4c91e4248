import Testing

@testable import controlplane

@Suite("ConfigDiff")
struct ConfigDiffTests {
    private static let base = """
        lan = ["a", "b"]
        [[network]]
        name = "home"
        prefixes = ["10.1.0.0/16", "10.2.0.0/16"]
        via = "ssh"
        gateway = "dvpn@203.0.113.7"
        [[network]]
        name = "work"
        prefixes = ["10.3.0.0/16"]
        via = "direct"
        [[network]]
        name = "corp"
        prefixes = ["10.66.0.0/16"]
        via = "vpnc"
        gateway = "192.0.2.1"
        domains = ["corp.example"]
        [network.vpnc]
        group = "g"
        group-secret = { file = "/g" }
        username = "u"
        password = { file = "/p" }
        """

    /// What is replaced by what in the base, and what the difference is.
    static let cases: [(String, String, String)] = [
        ("", "", ""),
        ("[[network]]\nname = \"home\"", "\n# moved\n[[network]]\nname = \"home\"", ""),
        ("[\"a\", \"b\"]", "[\"b\", \"a\"]", ""),
        ("\"10.1.0.0/16\", \"10.2.0.0/16\"", "\"10.2.0.0/16\", \"10.1.0.0/16\"", ""),
        ("via = \"ssh\"", "via = \"ssh\"\nidle = \"5m\"\nssh.port = 22", ""),
        ("[\"a\", \"b\"]", "[\"a\"]", "lan"),
        ("lan =", "hold = \"5s\"\nlan =", "hold"),
        ("lan =", "limits.half-open = 5\nlan =", "limits"),
        ("lan =", "dns.mode = \"dbus\"\nlan =", "dns"),
        ("name = \"home\"", "name = \"house\"", "+house -home"),
        ("10.2.0.0/16", "10.2.0.0/17", "home:1"),
        ("via = \"ssh\"", "via = \"ssh\"\nidle = \"6m\"", "home:2"),
        ("via = \"ssh\"", "via = \"ssh\"\nssh.identity = \"/k\"", "home:2"),
        ("via = \"direct\"", "via = \"direct\"\nconnect = \"eager\"", "work:4"),
        (
            "\"10.3.0.0/16\"]\nvia = \"direct\"",
            "\"10.4.0.0/16\"]\nvia = \"ssh\"\ngateway = \"a@b\"", "work:3"
        ),
        ("domains =", "tcp = \"route\"\ndomains =", "corp:8"),
        ("domains =", "filter.pass = [\"tcp\"]\ndomains =", "corp:8"),
        ("domains =", "dns = [\"10.66.0.1\"]\ndomains =", "corp:16"),
        ("\"corp.example\"", "\"corp.test\"", "corp:16"),
        ("\"/p\"", "\"/q\"", "corp:2"),
    ]

    @Test("names what a reload has to change", arguments: cases)
    func difference(_ old: String, _ new: String, _ expected: String) throws {
        let before = try parse(Self.base)
        let changed = old.isEmpty ? Self.base : Self.base.replacing(old, with: new)
        #expect(old.isEmpty || changed != Self.base)
        let diff = try ConfigDiff(from: before, to: parse(changed))
        #expect(Self.show(diff) == expected)
        #expect(diff.isEmpty == expected.isEmpty)
    }

    @Test("from nothing and to nothing")
    func nothing() throws {
        let base = try parse(Self.base)
        #expect(Self.show(ConfigDiff(from: Configuration(), to: base)) == "+home +work +corp lan")
        #expect(Self.show(ConfigDiff(from: base, to: Configuration())) == "-home -work -corp lan")
    }

    private static func show(_ diff: ConfigDiff) -> String {
        var words = diff.added.map { "+\($0.name)" }
        words += diff.removed.map { "-\($0.name)" }
        words += diff.changed.map { "\($0.after.name):\($0.aspects.rawValue)" }
        if diff.lanChanged { words.append("lan") }
        if diff.holdChanged { words.append("hold") }
        if diff.limitsChanged { words.append("limits") }
        if diff.dnsChanged { words.append("dns") }
        if diff.webChanged { words.append("web") }
        return words.joined(separator: " ")
    }

    private func parse(_ text: String) throws -> Configuration {
        try ConfigParser.parse([ConfigText(file: "dvpn.toml", text: text)])
    }
}
