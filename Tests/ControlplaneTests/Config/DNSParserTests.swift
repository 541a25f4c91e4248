import Testing

@testable import controlplane

@Suite("[dns]")
struct DNSParserTests {
    @Test("nothing said is nothing done")
    func defaults() throws {
        let settings = try parse("")
        #expect(settings == DNSSettings())
        #expect(settings.mode == .none && settings.host == .none && !settings.needsForwarder)
    }

    @Test("an own dnsmasq")
    func managed() throws {
        let settings = try parse(
            """
            [dns]
            mode = "managed"
            host = "dnsmasq"
            listen = ["192.168.77.1", "FD77:0::1"]
            upstream = ["203.0.113.1", "2001:db8::53#5353"]
            port = 5300
            forwarder-port = 3900
            """)
        var wanted = DNSSettings()
        wanted.mode = .managed
        wanted.host = .dnsmasq
        wanted.listen = ["192.168.77.1", "fd77::1"]
        wanted.upstream = [
            try #require(Nameserver(text: "203.0.113.1")),
            try #require(Nameserver(text: "2001:db8::53#5353")),
        ]
        wanted.port = 5300
        wanted.forwarderPort = 3900
        #expect(settings == wanted)
        #expect(settings.needsForwarder)
    }

    @Test("the system's dnsmasq, by a file")
    func dropIn() throws {
        let settings = try parse(
            """
            [dns]
            mode = "drop-in"
            drop-in = "/etc/dnsmasq.more/dvpn.conf"
            config = "/etc/other.conf"
            pid-file = "/run/other.pid"
            restart = ["/etc/init.d/dnsmasq", "restart"]
            """)
        var wanted = DNSSettings()
        wanted.mode = .dropIn
        wanted.dropIn = "/etc/dnsmasq.more/dvpn.conf"
        wanted.systemConfig = "/etc/other.conf"
        wanted.pidFile = "/run/other.pid"
        wanted.restart = ["/etc/init.d/dnsmasq", "restart"]
        #expect(settings == wanted)
    }

    @Test("systemd-resolved, with the upstream for gateways' own names")
    func resolved() throws {
        let settings = try parse("dns = { host = \"resolved\", upstream = [\"192.0.2.1\"] }")
        #expect(settings.host == .resolved && settings.mode == .none && settings.needsForwarder)
        #expect(settings.upstream.map(\.text) == ["192.0.2.1"])
    }

    private func parse(_ text: String) throws -> DNSSettings {
        try ConfigParser.parse([ConfigText(file: "dvpn.toml", text: text)]).dns
    }
}
