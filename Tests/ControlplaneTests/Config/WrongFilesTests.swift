import Testing

@testable import controlplane

@Suite("Wrong configuration files")
struct WrongFilesTests {
    @Test("has its exact messages", arguments: WrongFile.all)
    func message(_ wrong: WrongFile) {
        var sources = [ConfigText(file: "dvpn.toml", text: wrong.text)]
        if let second = wrong.second {
            sources.append(ConfigText(file: "dvpn.d/b.toml", text: second))
        }
        do throws(ConfigErrors) {
            let configuration = try ConfigParser.parse(sources)
            Issue.record("accepted as \(configuration)")
        } catch {
            #expect(error.errors.map(Self.short).joined(separator: "\n") == wrong.messages)
        }
    }

    @Test("are at least forty, no two alike")
    func count() {
        #expect(WrongFile.all.count >= 45)
        #expect(Set(WrongFile.all.map(\.what)).count == WrongFile.all.count)
        #expect(Set(WrongFile.all.map { $0.text + ($0.second ?? "") }).count == WrongFile.all.count)
    }

    /// Without the name of the first file, and with the hint indented on its own line.
    private static func short(_ error: ConfigError) -> String {
        let place = error.position
        let file = place.file == "dvpn.toml" ? "" : "\(place.file):"
        let hint = error.hint.map { "\n    \($0)" } ?? ""
        return "\(file)\(place.line):\(place.column) \(error.message)\(hint)"
    }
}
