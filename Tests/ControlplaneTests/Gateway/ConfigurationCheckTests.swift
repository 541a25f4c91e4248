import Testing

@testable import controlplane

@Suite struct ConfigurationCheckTests {
    private static let text = """
        lan = ["br-lan"]
        [[network]]
        name = "near"
        prefixes = ["10.9.0.0/24"]
        via = "direct"

        """

    private let place = TestDirectory()

    private func check(
        _ reader: ConfigReader, _ inForce: Configuration, bytesMax: Int = .max
    ) -> ConfigurationCheck {
        ConfigurationCheck(
            reader, Releases(inForce, runtime: place.path), PushedStore(stateDirectory: place.path),
            against: inForce, bytesMax: bytesMax)
    }

    @Test func `what a reload would change, or every mistake; and it is known when to look again`()
        throws
    {
        place.write("dvpn.toml", Self.text)
        var reader = ConfigReader(ConfigLoader(file: place.path("dvpn.toml")))
        let inForce = try reader.read()
        let same = check(reader, inForce)
        #expect(try #require(same.result).get().changed.isEmpty)
        #expect(same.files.areCurrent)

        place.write("dvpn.toml", Self.text.replacing("10.9", with: "10.8"))
        #expect(!same.files.areCurrent)
        #expect(try #require(check(reader, inForce).result).get().changed == ["near"])

        place.write("dvpn.toml", Self.text + "gatway = 1\n")
        guard case .failure(let errors) = check(reader, inForce).result else {
            Issue.record("no mistake was found")
            return
        }
        #expect(errors.errors.first?.position.line == 6)
    }

    @Test func `large files are looked at unasked while they are those in force`() throws {
        place.write("dvpn.toml", Self.text)
        var reader = ConfigReader(ConfigLoader(file: place.path("dvpn.toml")))
        let inForce = try reader.read()
        #expect(check(reader, inForce, bytesMax: 10).result != nil)
        place.write("dvpn.toml", Self.text + "# more\n")
        let other = check(reader, inForce, bytesMax: 10)
        #expect(other.result == nil && other.files.areCurrent)
        #expect(check(reader, inForce, bytesMax: Self.text.utf8.count + 7).result != nil)
    }

    @Test func `a drop-in or a map that comes is another version`() throws {
        place.makeDirectory("dvpn.d")
        let map = """
            [[map]]
            file = "\(place.path("hosts"))"
            [map.ssh]
            identity = "/k"
            known-hosts = "/h"

            """
        place.write("dvpn.toml", Self.text + map)
        let reader = ConfigReader(ConfigLoader(file: place.path("dvpn.toml")))
        let first = check(reader, Configuration())
        place.write("dvpn.d/a.toml", "# nothing\n")
        #expect(!first.files.areCurrent)
        let second = check(reader, Configuration())
        #expect(second.files.areCurrent)
        place.write("dvpn.d/a.toml", "# something\n")
        #expect(!second.files.areCurrent)
        let third = check(reader, Configuration())
        place.write("hosts", "10.1.2.3 thursday #!203.0.113.7\n")
        #expect(!third.files.areCurrent)
    }
}
