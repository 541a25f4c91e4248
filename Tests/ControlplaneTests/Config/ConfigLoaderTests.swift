import Glibc
import Testing

@testable import controlplane

@Suite("ConfigLoader")
struct ConfigLoaderTests {
    @Test("reads the main file, then the drop-ins in the order of their bytes")
    func order() throws {
        let place = TestDirectory()
        place.write("dvpn.toml", "# main")
        place.makeDirectory("dvpn.d")
        for name in ["b.toml", "B.toml", "10.toml", "9.toml", ".hidden.toml", "c.toml~", "d.conf"] {
            place.write("dvpn.d/\(name)", "# \(name)")
        }
        let texts = try ConfigLoader(file: place.path("dvpn.toml")).readTexts()
        let expected = ["# main", "# 10.toml", "# 9.toml", "# B.toml", "# b.toml"]
        #expect(texts.map(\.text) == expected)
        #expect(texts.last?.file == place.path("dvpn.d/b.toml"))
    }

    @Test("no directory of drop-ins is no mistake")
    func noDirectory() throws {
        let place = TestDirectory()
        place.write("x.toml", WrongFile.home)
        let loader = ConfigLoader(file: place.path("x.toml"))
        #expect(loader.directory == place.path("x.d"))
        var reader = ConfigReader(loader)
        #expect(try reader.read().networks.map(\.name) == ["home"])
    }

    @Test("a file that is not there")
    func missing() throws {
        let place = TestDirectory()
        try expect(place, "cannot be read: No such file or directory")
    }

    @Test("a directory, and a FIFO that would hang")
    func notAFile() throws {
        let place = TestDirectory()
        place.makeDirectory("dvpn.toml")
        try expect(place, "is not a file")
        let other = TestDirectory()
        #expect(unsafe mkfifo(other.path("dvpn.toml"), 0o600) == 0)
        try expect(other, "is not a file")
    }

    @Test("a file that everyone can write")
    func writable() throws {
        let place = TestDirectory()
        place.write("dvpn.toml", "", mode: 0o666)
        try expect(place, "can be written by everyone")
        place.write("dvpn.toml", "", mode: 0o664)
        var reader = ConfigReader(ConfigLoader(file: place.path("dvpn.toml")))
        #expect(try reader.read() == Configuration())
    }

    @Test("all unreadable files are named, not only the first")
    func several() throws {
        let place = TestDirectory()
        place.write("dvpn.toml", "", mode: 0o666)
        place.makeDirectory("dvpn.d")
        place.makeDirectory("dvpn.d/a.toml")
        place.write("dvpn.d/b.toml", "# \u{0}")
        try expect(place, "can be written by everyone", "is not a file")
    }

    private func expect(_ place: TestDirectory, _ messages: String...) throws {
        do throws(ConfigErrors) {
            _ = try ConfigLoader(file: place.path("dvpn.toml")).readTexts()
            Issue.record("loaded")
        } catch {
            #expect(error.errors.map(\.message) == messages)
        }
    }
}
