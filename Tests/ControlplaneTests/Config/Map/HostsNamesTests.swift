import Protocol
import Testing

@testable import controlplane

@Suite("Names in a map's file")
struct HostsNamesTests {
    private static let text = """
        \u{FEFF}127.0.0.1 localhost\r
        10.1.2.3\tthursday.home.example Thursday #!203.0.113.7\r
        10.1.2.4 printer # of thursday
        10.9.9.9 elsewhere
        fd00:1:2::3 thursday6 #!203.0.113.7
        10.1.2.5 # nobody
        absurd line 10.1.2.6
        10.1.2.7 bad;name good-name
        """

    private static func settings() throws -> MapSettings {
        let text = ConfigText(file: "dvpn.toml", text: "[[map]]\nfile = \"/m\"\n")
        return try #require(try ConfigParser.parse([text]).maps.first)
    }

    @Test("those in the file's own networks, as a hosts file")
    func table() throws {
        let settings = try Self.settings()
        var file = HostsFile(settings: settings)
        #expect(try file.take(Array(Self.text.utf8)) == true)
        #expect(file.text == Self.text)
        #expect(
            HostsNames.table(Self.text, within: file.prefixes, settings) == """
                10.1.2.3 thursday.home.example Thursday
                10.1.2.4 printer
                fd00:1:2::3 thursday6
                10.1.2.7 good-name

                """)
    }

    @Test("the first address of a name, whatever its capital letters")
    func address() throws {
        let found = try #require(HostsNames.address(of: "thursday", in: Self.text))
        #expect(found.0.text(found.1) == "10.1.2.3")
        #expect(HostsNames.address(of: "nobody", in: Self.text) == nil)
    }
}
