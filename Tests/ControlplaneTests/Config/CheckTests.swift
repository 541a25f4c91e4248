import Glibc
import Reports
import Testing

@testable import controlplane

@Suite("What --check says")
struct CheckTests {
    private let directory = TestDirectory()

    @Test("secrets that are not there, that others can read, and that are in order")
    func secrets() throws {
        directory.write("open", "secret\n", mode: 0o644)
        directory.write("closed", "secret\n", mode: 0o600)
        let report = try report(
            vpnc("one", group: "open", password: "missing")
                + vpnc("two", group: "closed", password: "missing"))
        #expect(report.networks == ["one", "two"] && report.mistakes.isEmpty)
        try #require(report.warnings.count == 2)
        #expect(report.warnings[0].place == "dvpn.toml:1:3")
        #expect(report.warnings[0].text.contains("open has mode 0644"))
        #expect(report.warnings[1].text.contains("is not there; write it: (umask 077; cat >"))
        let text = Check.text(report, file: "dvpn.toml")
        #expect(text.hasPrefix("dvpn.toml:1:3: warning: "))
        #expect(text.hasSuffix("\ndvpn.toml: no mistakes; 2 networks\n"))
    }

    @Test("secrets that nobody can look at now are no matter")
    func others() throws {
        let report = try report(
            """
            [[network]]
            name = "one"
            prefixes = ["10.1.0.0/16"]
            via = "vpnc"
            gateway = "vpn.example"
            [network.vpnc]
            group = "g"
            group-secret = { credential = "one.group" }
            username = "alice"
            password = { ask = true }

            """)
        #expect(report.warnings.isEmpty)
    }

    @Test("a key that is not there, once for all who share it")
    func key() throws {
        let network = { (name: String, prefix: String) in
            """
            [[network]]
            name = "\(name)"
            prefixes = ["\(prefix)"]
            via = "ssh"
            gateway = "dvpn@203.0.113.7"
            [network.ssh]
            identity = "\(directory.path("id"))"
            known-hosts = "\(directory.path("known"))"

            """
        }
        let report = try report(
            network("one", "10.1.0.0/16") + network("two", "10.2.0.0/16"),
            sshUser: ProcessUser.current)
        try #require(report.warnings.count == 1)
        #expect(report.warnings[0].text.contains(directory.path("id")))
    }

    @Test("mistakes with their places")
    func mistakes() {
        let error = ConfigError(
            position: SourcePosition(file: "f", line: 2, column: 3), message: "no", hint: "yes")
        #expect(
            Check.report(ConfigErrors([error]))
                == CheckReport(
                    networks: [], mistakes: [.init(place: "f:2:3", text: "no", fix: "yes")]))
    }

    private func report(_ text: String, sshUser: ProcessUser? = nil) throws -> CheckReport {
        let configuration = try ConfigParser.parse([ConfigText(file: "dvpn.toml", text: text)])
        return Check.report(configuration, file: "dvpn.toml", sshUser: sshUser)
    }

    private func vpnc(_ name: String, group: String, password: String) -> String {
        """
        [[network]]
        name = "\(name)"
        prefixes = ["10.\(name.utf8.reduce(0) { $0 &+ Int($1) } % 250).0.0/16"]
        via = "vpnc"
        gateway = "vpn.example"
        [network.vpnc]
        group = "g"
        group-secret = { file = "\(directory.path(group))" }
        username = "alice"
        password = { file = "\(directory.path(password))" }

        """
    }
}
