import Testing

@testable import controlplane

extension VPNCClient {
    static let example = VPNCClient(
        host: "vpn.corp.example", device: "dv-work", group: "staff",
        groupSecret: .file("/etc/dvpn/group"), username: "alice",
        password: .file("/etc/dvpn/password"))
}

@Suite("what vpnc is told")
struct VPNCConfigurationTests {
    private func render(
        group: String = "staff", user: String = "alice", secret: SecretValue = .init("g"),
        password: SecretValue = .init("p"), address: String? = "203.0.113.7"
    ) throws(Failure) -> String {
        let client = VPNCClient(
            host: "vpn.corp.example", device: "dv-work", group: group, groupSecret: .ask,
            username: user, password: .ask)
        return String(
            decoding: try VPNCConfiguration.render(
                client, address: address, groupSecret: secret, password: password),
            as: UTF8.self)
    }

    @Test("the whole configuration, golden")
    func golden() throws {
        #expect(
            try render() == """
                IPSec gateway "203.0.113.7"
                IPSec ID "staff"
                IPSec secret "g"
                Xauth username "alice"
                Xauth password "p"
                NAT Traversal Mode natt
                IKE DH Group dh2
                DPD idle timeout (our side) 10
                Local Port 0
                Cisco UDP Encapsulation Port 0
                Interface name dv-work
                Interface mode tun

                """)
        #expect(try render(address: nil).hasPrefix("IPSec gateway \"vpn.corp.example\"\n"))
    }

    @Test("the command line names files, never a secret")
    func commandLine() throws {
        let command = try VPNC(client: .example).command(
            ClientSurroundings(
                paths: ClientPaths(runtime: "/run/dvpn", tunnel: "work"), address: "203.0.113.7",
                script: "'/usr/sbin/dvpn-controlplane' --tunnel-script"),
            secrets: [SecretValue("group-Secret-1"), SecretValue("xauth-Secret-1")])
        let label = SSHPaths.label(of: "work")
        #expect(
            command.arguments == [
                "--no-detach", "--non-inter", "--pid-file", "/run/dvpn/client/\(label).pid",
                "--script", "'/usr/sbin/dvpn-controlplane' --tunnel-script", "-",
            ])
        #expect(command.environment == [])
        #expect(String(decoding: command.input, as: UTF8.self).contains("\"xauth-Secret-1\""))
    }

    @Test(
        "what vpnc cannot take is refused before it is started, and nothing that locks",
        arguments: [
            ("", "is empty"), ("a\nb", "line break"), ("a\rb", "line break"), ("a\0b", "NUL"),
            (String(repeating: "x", count: 183), "at most 182"),
        ])
    func refused(_ value: String, _ words: String) {
        let error = #expect(throws: Failure.self) { try render(password: SecretValue(value)) }
        #expect(error?.message.contains(words) == true, "\(String(describing: error))")
        #expect(error?.message.contains("the password for vpnc") == true)
        #expect(error?.kind == .configuration)
    }

    @Test("an IPv6 gateway is refused with the reason")
    func ipv6() {
        let error = #expect(throws: Failure.self) { try render(address: "2001:db8::1") }
        #expect(error?.message.contains("IPv4 only") == true)
    }

    @Test(
        "real vpnc reads every value back as it was",
        .enabled(if: ClientHost.locate("vpnc") != nil, "needs vpnc"),
        arguments: [
            "plain", " blanks at both ends ", "\ttabs\t", "\"quoted\"", "one\"mark", "\"", "\"\"\"",
            "# no comment", "back\\slash", "\u{4}eot", "é ü", "IPSec ID other",
            String(repeating: "y", count: 182),
        ])
    func roundTrip(_ value: String) async throws {
        let path = try #require(ClientHost.locate("vpnc"))
        let text = try render(password: SecretValue(value))
        let directory = TestDirectory()
        // A configuration file is read by the same lines of vpnc as its standard input.
        directory.write("vpnc.conf", text)
        let answer = try await ProcessHelper.run(
            ProcessLaunch(
                executable: path, arguments: ["--print-config", directory.path("vpnc.conf")]),
            limit: .seconds(10), watcher: testWatcher)
        let line = answer.text.split(separator: "\n").first { $0.hasPrefix("Xauth password ") }
        // vpnc quotes what it would not read back.
        let edges: Set<Character> = [" ", "\t"]
        let isQuoted =
            edges.contains(value.first ?? "x") || edges.contains(value.last ?? "x")
            || (value.hasPrefix("\"") && value.hasSuffix("\""))
        #expect(line.map(String.init) == "Xauth password " + (isQuoted ? "\"\(value)\"" : value))
        #expect(!answer.text.contains("warning"))
    }
}
