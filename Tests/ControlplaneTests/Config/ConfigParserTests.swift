import Protocol
import Testing

@testable import controlplane

@Suite("Good configuration files")
struct ConfigParserTests {
    @Test("nothing at all means the defaults")
    func empty() throws {
        let configuration = try parse("")
        #expect(configuration == Configuration())
        #expect(configuration.lan == [])
        #expect(configuration.holdMs == 30_000)
        #expect(configuration.limits.connectionsMax == 20_000)
        #expect(configuration.limits.halfOpenMax == 8_192)
        #expect(configuration.limits.halfOpenPerSourceMax == 6_144)
    }

    @Test("a network needs four keys, the rest are defaults")
    func minimal() throws {
        let configuration = try parse(WrongFile.ssh)
        let network = try #require(configuration.networks.first)
        #expect(network.name == "home")
        #expect(network.prefixes == [try Prefix(text: "10.1.2.0/24")])
        #expect(network.connect == .truthful)
        #expect(network.source.description == "dvpn.toml:1:3")
        let (tunnel, ssh) = try sshTunnel(network)
        #expect(ssh.gateway == GatewayAddress(user: "dvpn", host: "203.0.113.7", port: 22))
        #expect(tunnel.idleMs == 300_000)
        #expect(ssh.identity == "/etc/dvpn/ssh/id_ed25519")
        #expect(ssh.knownHosts == "/etc/dvpn/ssh/known_hosts")
        #expect(ssh.session == .shared)
        #expect(ssh.farEnd == .forward)
        #expect(ssh.connectionsPerMaster == 900)
    }

    @Test("every key has its place")
    func everything() throws {
        let configuration = try parse(
            """
            lan = ["br-lan", "eth0.10"]   # two
            hold = "1m30s"
            [limits]
            connections = 1
            half-open = 2
            half-open-per-source = 3
            [[network]]
            name = "home"
            prefixes = [
                "fd00:0001::/32",
                "10.1.2.0/24",
            ]
            via = "ssh"
            gateway = "a.b@[2001:DB8::1]"
            idle = "never"
            connect = "eager"
            [network.ssh]
            port = 2222
            identity = "/k"
            known-hosts = "/h"
            session = "shared"
            far-end = "forward"
            connections-per-master = 7
            [[network]]
            name = "0-direct"
            prefixes = ["10.1.0.0/16"]
            via = "direct"
            """)
        #expect(configuration.lan == ["br-lan", "eth0.10"])
        #expect(configuration.holdMs == 90_000)
        #expect(
            configuration.limits
                == LimitSettings(connectionsMax: 1, halfOpenMax: 2, halfOpenPerSourceMax: 3))
        let gateway = GatewayAddress(user: "a.b", host: "2001:DB8::1", port: 2222)
        let client = SSHClient(
            gateway: gateway, identity: "/k", knownHosts: "/h", session: .shared,
            farEnd: .forward, connectionsPerMaster: 7)
        let settings = TunnelSettings(idleMs: nil, client: .ssh(client))
        #expect(configuration.networks.map(\.name) == ["home", "0-direct"])
        #expect(configuration.networks.map(\.via) == [.tunnel(settings), .direct])
        #expect(configuration.networks.map(\.connect) == [.eager, .truthful])
        #expect(configuration.networks[0].prefixes.map(\.text) == ["10.1.2.0/24", "fd00:1::/32"])
        #expect(gateway.description == "a.b@[2001:DB8::1]:2222")
    }

    @Test("inline tables and dotted keys are as good as headers")
    func forms() throws {
        let headers = try parse("\(WrongFile.ssh)\n[network.ssh]\nport = 23")
        let dotted = try parse("\(WrongFile.ssh)\nssh.port = 23")
        let inline = try parse("\(WrongFile.ssh)\nssh = { port = 23 }")
        #expect(headers == dotted)
        #expect(headers == inline)
        #expect(try sshTunnel(#require(headers.networks.first)).client.gateway.port == 23)
    }

    @Test("`0` and `never` keep a tunnel for ever", arguments: ["0", "never"])
    func never(_ word: String) throws {
        let configuration = try parse("\(WrongFile.ssh)\nidle = \"\(word)\"")
        #expect(try #require(configuration.networks.first?.tunnel).idleMs == nil)
    }

    @Test("networks of all files come together, settings may stand in any")
    func files() throws {
        let main = ConfigText(file: "dvpn.toml", text: WrongFile.home)
        let second = ConfigText(
            file: "b.toml",
            text: """
                lan = ["eth0"]
                limits.half-open = 9
                [[network]]
                name = "work"
                prefixes = ["10.0.0.0/8"]
                via = "direct"
                """)
        let third = ConfigText(file: "c.toml", text: "limits.connections = 8")
        let configuration = try ConfigParser.parse([main, second, third])
        #expect(configuration.lan == ["eth0"])
        #expect(configuration.limits.halfOpenMax == 9)
        #expect(configuration.limits.connectionsMax == 8)
        #expect(configuration.networks.map(\.name) == ["home", "work"])
        #expect(
            configuration.networks[1].source == SourcePosition(file: "b.toml", line: 3, column: 3))
    }

    @Test("a byte order mark and the line ends of other systems are no mistake")
    func otherSystems() throws {
        let text = "\u{FEFF}" + WrongFile.home.replacing("\n", with: "\r\n")
        #expect(try parse(text).networks.map(\.name) == ["home"])
    }

    @Test(
        "gateways",
        arguments: [
            ("a@h", "h"), ("dvpn@vpn.corp.example", "vpn.corp.example"), ("a@::1", "::1"),
            ("r2d2@10.0.0.1", "10.0.0.1"), ("a@[fd00::1]", "fd00::1"),
            ("a@1st.example", "1st.example"),
        ])
    func gateways(_ text: String, _ host: String) throws {
        #expect(try GatewayAddress.parse(text).host == host)
    }

    @Test("65,536 networks are read in seconds")
    func many() throws {
        var text = ""
        for index in 0..<65_536 {
            text += """
                [[network]]
                name = "n\(index)"
                prefixes = ["10.\(index >> 8).\(index & 255).0/24"]
                via = "ssh"
                gateway = "dvpn@gateway-\(index).example"

                """
        }
        let start = ContinuousClock.now
        #expect(try parse(text).networks.count == 65_536)
        let elapsed = ContinuousClock.now - start
        // Far above what it takes even in a debug build: it fails for a quadratic reader.
        #expect(elapsed < .seconds(60))
    }

    private func sshTunnel(
        _ network: Network
    ) throws -> (settings: TunnelSettings, client: SSHClient) {
        let settings = try #require(network.tunnel)
        guard case .ssh(let client) = settings.client else {
            throw ConfigError(position: network.source, message: "not through ssh")
        }
        return (settings, client)
    }

    private func parse(_ text: String) throws -> Configuration {
        try ConfigParser.parse([ConfigText(file: "dvpn.toml", text: text)])
    }
}
