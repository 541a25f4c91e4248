import Glibc
import Testing

@testable import controlplane

@Suite("ConfigLoader")
struct ConfigLoaderTests {
    @Test("reads the main file, then the drop-ins in the order of their bytes")
    func order() throws {
        let place = try TemporaryDirectory()
        try place.write("dvpn.toml", "# main")
        try place.makeDirectory("dvpn.d")
        for name in ["b.toml", "B.toml", "10.toml", "9.toml", ".hidden.toml", "c.toml~", "d.conf"] {
            try place.write("dvpn.d/\(name)", "# \(name)")
        }
        let texts = try ConfigLoader(file: place.path("dvpn.toml")).readTexts()
        let expected = ["# main", "# 10.toml", "# 9.toml", "# B.toml", "# b.toml"]
        #expect(texts.map(\.text) == expected)
        #expect(texts.last?.file == place.path("dvpn.d/b.toml"))
    }

    @Test("no directory of drop-ins is no mistake")
    func noDirectory() throws {
        let place = try TemporaryDirectory()
        try place.write("x.toml", WrongFile.home)
        let loader = ConfigLoader(file: place.path("x.toml"))
        #expect(loader.directory == place.path("x.d"))
        #expect(try loader.load().networks.map(\.name) == ["home"])
    }

    @Test("a file that is not there")
    func missing() throws {
        let place = try TemporaryDirectory()
        try expect(place, "cannot be read: No such file or directory")
    }

    @Test("a directory, and a FIFO that would hang")
    func notAFile() throws {
        let place = try TemporaryDirectory()
        try place.makeDirectory("dvpn.toml")
        try expect(place, "is not a file")
        let other = try TemporaryDirectory()
        #expect(unsafe mkfifo(other.path("dvpn.toml"), 0o600) == 0)
        try expect(other, "is not a file")
    }

    @Test("a file that everyone can write")
    func writable() throws {
        let place = try TemporaryDirectory()
        try place.write("dvpn.toml", "", mode: 0o666)
        try expect(place, "can be written by everyone")
        try place.write("dvpn.toml", "", mode: 0o664)
        #expect(try ConfigLoader(file: place.path("dvpn.toml")).load() == Configuration())
    }

    @Test("all unreadable files are named, not only the first")
    func several() throws {
        let place = try TemporaryDirectory()
        try place.write("dvpn.toml", "", mode: 0o666)
        try place.makeDirectory("dvpn.d")
        try place.makeDirectory("dvpn.d/a.toml")
        try place.write("dvpn.d/b.toml", "# \u{0}")
        try expect(place, "can be written by everyone", "is not a file")
    }

    private func expect(_ place: TemporaryDirectory, _ messages: String...) throws {
        do throws(ConfigErrors) {
            _ = try ConfigLoader(file: place.path("dvpn.toml")).load()
            Issue.record("loaded")
        } catch {
            #expect(error.errors.map(\.message) == messages)
        }
    }
}

/// A directory of one test, removed at its end.
private final class TemporaryDirectory {
    private let root: String
    private var made: [String] = []

    init() throws {
        var template = Array("/tmp/dvpn-config-XXXXXX".utf8CString)
        try #require(unsafe mkdtemp(&template) != nil)
        root = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        for name in made.reversed() { _ = unsafe remove(path(name)) }
        _ = unsafe rmdir(root)
    }

    func path(_ name: String) -> String { "\(root)/\(name)" }

    func makeDirectory(_ name: String) throws {
        try #require(unsafe mkdir(path(name), 0o700) == 0)
        made.append(name)
    }

    func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws {
        let descriptor = unsafe open(path(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        made.append(name)
        let bytes = Array(text.utf8)
        try #require(unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        try #require(fchmod(descriptor, mode) == 0)
    }
}
