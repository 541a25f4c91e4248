import Testing

@testable import controlplane

@Suite("Reports of configuration errors")
struct ConfigErrorTests {
    @Test("shows the line, a caret under the place, and the hint")
    func report() {
        let text =
            "\(WrongFile.ssh)\n[network.ssh]\n\tknown_hosts = \"/etc/äö\" # ours\n\tport = 0\n"
        #expect(
            report(of: text) == """
                /etc/dvpn/dvpn.toml:7:2: error: unknown key `known_hosts` in [network.ssh]
                    7 | \tknown_hosts = "/etc/äö" # ours
                      | \t^~~~~~~~~~~
                hint: did you mean `known-hosts`?
                /etc/dvpn/dvpn.toml:8:9: error: `port` must be from 1 to 65535, not 0
                    8 | \tport = 0
                      | \t       ^
                2 errors

                """)
    }

    @Test("a value of several lines is underlined in its first")
    func severalLines() {
        #expect(
            report(of: "hold = [\n  1,\n]\n") == """
                /etc/dvpn/dvpn.toml:1:8: error: `hold` must be a duration in a string, not an array
                    1 | hold = [
                      |        ^
                1 error

                """)
    }

    @Test("the key is named by its path")
    func key() {
        #expect(errors(of: "\(WrongFile.ssh)\nssh.port = 0").map(\.key) == ["network[0].ssh.port"])
    }

    @Test("fifty are shown, the others counted")
    func many() {
        let text = (0..<60).map { "zzz\($0) = 1\n" }.joined()
        let report = report(of: text)
        #expect(report.hasSuffix("60 errors, 50 shown\n"))
        #expect(report.split(separator: "\n").filter { $0.contains("error: ") }.count == 50)
        let line = ConfigErrors(errors(of: text)).description
        #expect(line.hasSuffix("unknown key `zzz0` at the top level (and 59 more)"))
    }

    @Test("bytes that are not UTF-8 are an error with its line")
    func encoding() {
        #expect(
            throws: ConfigErrors([
                ConfigError(
                    position: SourcePosition(file: "a", line: 2, column: 1),
                    message: "this line is not UTF-8", hint: "save the file with the encoding UTF-8"
                )
            ])
        ) {
            try ConfigText(file: "a", bytes: Array("lan = []\n# ".utf8) + [0xE4] + Array("\n".utf8))
        }
    }

    private func report(of text: String) -> String {
        ConfigErrors(errors(of: text)).report
    }

    private func errors(of text: String) -> [ConfigError] {
        do throws(ConfigErrors) {
            _ = try ConfigParser.parse([ConfigText(file: "/etc/dvpn/dvpn.toml", text: text)])
            return []
        } catch {
            return error.errors
        }
    }
}
