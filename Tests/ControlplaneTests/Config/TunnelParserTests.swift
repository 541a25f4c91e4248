import Protocol
import Testing

@testable import controlplane

@Suite("Good tunnels with a device")
struct TunnelParserTests {
    @Test("vpnc needs its gateway and four keys, the rest are defaults")
    func vpnc() throws {
        let network = try network(WrongFile.vpnc())
        let client = VPNCClient(
            host: "vpn.corp.example", device: "dv-work", group: "staff", groupSecret: .file("/g"),
            username: "rob", password: .ask, natTraversal: .natt, dhGroup: .dh2, script: nil)
        let settings = TunnelSettings(idleMs: 300_000, client: .vpnc(client))
        #expect(network.tunnel == settings)
        #expect(settings.device == "dv-work")
        #expect(settings.host == "vpn.corp.example")
        // Somebody has to come and type.
        #expect(network.holdMs == 150_000)
        #expect(
            network.packets
                == PacketSettings(
                    device: "dv-work", tcp: .splice, start: .wanted, pass: .any, keepUp: .wanted,
                    acceptsPushed: false, probe: nil, stallMs: 20_000))
        #expect(network.domains == [])
        #expect(network.nameServers == [])
    }

    @Test("every key of vpnc and of a network with packets has its place")
    func everything() throws {
        let network = try network(
            """
            [[network]]
            name = "work"
            prefixes = ["10.66.0.0/16", "FD00:66::/32"]
            via = "vpnc"
            gateway = "198.51.100.1"
            idle = "10m"
            domains = ["Corp.Example", "66.10.in-addr.arpa", "_msdcs.lab"]
            dns = ["10.66.0.10", "FD00:66:0::53"]
            tcp = "route"
            connect = "truthful"
            accept-pushed = true
            probe = "FD00:66::1"
            stall = "never"
            [network.filter]
            start = ["udp/53", "!any"]
            pass = ["!udp"]
            keep-up = ["tcp/22"]
            [network.vpnc]
            group = "staff"
            group-secret = { credential = "work.group" }
            username = "rob"
            password = { file = "/etc/dvpn/secrets/work" }
            nat-traversal = "force-natt"
            dh-group = "dh14"
            script = "/usr/share/vpnc-scripts/vpnc-script"
            """)
        let client = VPNCClient(
            host: "198.51.100.1", device: "dv-work", group: "staff",
            groupSecret: .credential("work.group"), username: "rob",
            password: .file("/etc/dvpn/secrets/work"), natTraversal: .forceNatt, dhGroup: .dh14,
            script: "/usr/share/vpnc-scripts/vpnc-script")
        #expect(network.tunnel == TunnelSettings(idleMs: 600_000, client: .vpnc(client)))
        #expect(network.holdMs == 150_000)
        #expect(network.domains == ["corp.example", "66.10.in-addr.arpa", "_msdcs.lab"])
        #expect(network.nameServers == ["10.66.0.10", "fd00:66::53"])
        let packets = try #require(network.packets)
        #expect(packets.device == "dv-work")
        #expect(packets.tcp == .route)
        #expect(packets.acceptsPushed)
        #expect(packets.probe == "fd00:66::1")
        #expect(packets.stallMs == nil)
        #expect(
            packets.start.rules == [
                .init(isAllowed: true, ipProtocol: 17, ports: 53...53), .init(isAllowed: false),
            ])
        #expect(
            packets.pass.rules == [
                .init(isAllowed: false, ipProtocol: 17), .init(isAllowed: true),
            ])
        #expect(
            packets.keepUp.rules == [
                .init(isAllowed: true, ipProtocol: 6, ports: 22...22), .init(isAllowed: false),
            ])
    }

    @Test("openconnect: defaults, every key, and a port behind the gateway")
    func openconnect() throws {
        let plain = try network(WrongFile.openconnect)
        var client = OpenConnectClient(
            host: "vpn.corp.example", device: "dv-work", username: "rob", password: .ask)
        #expect(plain.tunnel == TunnelSettings(idleMs: 300_000, client: .openconnect(client)))
        #expect(client.port == 443 && client.protocolName == "anyconnect")
        #expect(plain.holdMs == 150_000)
        let patient = try network(
            WrongFile.openconnect.replacing("via = ", with: "prompt-timeout = \"5m\"\nvia = "))
        #expect(patient.tunnel?.promptMs == 300_000)
        #expect(patient.holdMs == 330_000)

        let pin = "pin-sha256:" + String(repeating: "A+/9", count: 10) + "abc="
        let full = try network(
            WrongFile.openconnect.replacing("vpn.corp.example", with: "[2001:db8::1]:8443")
                .replacing("{ ask = true }", with: "{ credential = \"p\" }") + """

                    protocol = "gp"
                    server-cert = "\(pin)"
                    script = "/s"
                    """)
        client = OpenConnectClient(
            host: "2001:db8::1", port: 8443, device: "dv-work", protocolName: "gp",
            username: "rob", password: .credential("p"), serverCertificate: pin, script: "/s")
        #expect(full.tunnel == TunnelSettings(idleMs: 300_000, client: .openconnect(client)))
        // Wherever the password is, the gateway may ask for more.
        #expect(full.holdMs == 150_000)
    }

    @Test("a command: defaults, every key, and each condition")
    func command() throws {
        let plain = try network(WrongFile.command)
        var client = CommandClient(device: "dv-work", start: ["/bin/tunnel"])
        #expect(plain.tunnel == TunnelSettings(idleMs: 300_000, client: .command(client)))
        #expect(plain.packets?.device == "dv-work")

        let full =
            WrongFile.command.replacing(
                "[network.command]", with: "gateway = \"192.0.2.9\"\n[network.command]") + """

                stop = ["/bin/tunnel", "--down"]
                device = "wg0"
                """
        client = CommandClient(
            host: "192.0.2.9", device: "wg0", start: ["/bin/tunnel"],
            stop: ["/bin/tunnel", "--down"])
        for (text, ready) in [
            ("\"device\"", CommandClient.Ready.device), ("{ file = \"/f\" }", .file("/f")),
            ("{ command = [\"/c\", \"x\"] }", .command(["/c", "x"])),
        ] {
            client.ready = ready
            let network = try network("\(full)\nready = \(text)\n")
            #expect(network.tunnel == TunnelSettings(idleMs: 300_000, client: .command(client)))
            #expect(network.packets?.device == "wg0")
        }
    }

    @Test("ssh has names too, and no packets")
    func ssh() throws {
        let network = try network(
            "\(WrongFile.ssh)\ndomains = [\"corp.example\"]\ndns = [\"10.1.2.53\"]\n")
        #expect(network.domains == ["corp.example"])
        #expect(network.nameServers == ["10.1.2.53"])
        #expect(network.packets == nil)
        #expect(network.tunnel?.device == nil)
        #expect(network.holdMs == nil)
    }

    @Test("a domain inside another network's is no mistake")
    func innerDomain() throws {
        let text = """
            \(WrongFile.vpnc("domains = [\"corp.example\"]"))
            \(WrongFile.ssh)
            domains = ["lab.corp.example"]
            dns = ["10.1.2.53"]
            """
        #expect(
            try parse(text).networks.map(\.domains) == [["corp.example"], ["lab.corp.example"]])
    }

    @Test("devices are named after their networks, and fit")
    func devices() {
        #expect(InterfaceName.ofTunnel(network: "work") == "dv-work")
        #expect(InterfaceName.ofTunnel(network: "twelve-bytes") == "dv-twelve-bytes")
        let long = InterfaceName.ofTunnel(network: "thirteen-byte")
        #expect(long.count == 13 && long.hasPrefix("dv-"))
        #expect(long == InterfaceName.ofTunnel(network: "thirteen-byte"))
        let names = Set((0..<65_536).map { InterfaceName.ofTunnel(network: "long-name-\($0)") })
        #expect(names.count == 65_536)
        #expect(names.allSatisfy { InterfaceName.objection(toDevice: $0) == nil })
    }

    @Test("a line that may hold a secret is never shown")
    func discretion() {
        for value in ["\"hunter2\"", "{ hunter = \"hunter2\" }", "{ ask = true, hunter2 = 1 }"] {
            let text = WrongFile.vpnc().replacing("{ ask = true }", with: value)
            do throws(ConfigErrors) {
                _ = try ConfigParser.parse([ConfigText(file: "dvpn.toml", text: text)])
                Issue.record("accepted \(value)")
            } catch {
                #expect(!error.report.replacing("`hunter2`", with: "").contains("hunter2"))
            }
        }
    }

    private func network(_ text: String) throws -> Network {
        try #require(parse(text).networks.first)
    }

    private func parse(_ text: String) throws -> Configuration {
        try ConfigParser.parse([ConfigText(file: "dvpn.toml", text: text)])
    }
}
