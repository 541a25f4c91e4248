import Glibc
import Testing

@testable import controlplane

@Suite("Watching the map's files")
struct FileWatchTests {
    private let place = TestDirectory()
    private var file: String { place.path("gateways") }

    /// Whether a change is told within so long.
    private func isTold(_ watch: FileWatch, within limit: Duration) async -> Bool {
        await withTaskGroup { group in
            group.addTask {
                for await _ in watch.changes { return true }
                return false
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }

    @Test("a file that is written, replaced or removed is told, and nothing else")
    func watched() async throws {
        place.write("gateways", "10.1.2.3 a #!gw")
        let watch = try #require(FileWatch())
        watch.watch([file: FileState(file)])
        var changes = watch.changes.makeAsyncIterator()
        place.write("other", "x")
        place.write("gateways", "10.1.2.3 a #!gw2")
        #expect(await changes.next() != nil)
        place.write("new", "10.1.2.3 a #!gateway3")
        #expect(rename(place.path("new"), file) == 0)
        #expect(await changes.next() != nil && !watch.takeWritten())
        #expect(unlink(file) == 0)
        #expect(await changes.next() != nil)
    }

    @Test("a change after it was read and before it is watched is told")
    func between() async throws {
        place.write("gateways", "one")
        let read = FileState(file)
        place.write("gateways", "two")
        let watch = try #require(FileWatch())
        watch.watch([file: read])
        #expect(await isTold(watch, within: .seconds(10)))
    }

    @Test(
        "so is one between a reading and another call of watch, and one of a file that is new there"
    )
    func again() async throws {
        place.write("gateways", "one")
        let watch = try #require(FileWatch())
        watch.watch([file: FileState(file)])
        let read = FileState(file)
        place.write("gateways", "two")
        #expect(await isTold(watch, within: .seconds(10)))
        // Whoever was told has not read it yet.
        watch.watch([file: read])
        #expect(await isTold(watch, within: .seconds(10)))
        let other = place.path("other")
        watch.watch([file: FileState(file), other: FileState(other)])
        place.write("other", "new")
        #expect(await isTold(watch, within: .seconds(10)))
    }

    @Test("what is as it was read is not told, and other files beside it are not")
    func same() async throws {
        place.write("gateways", "one")
        let watch = try #require(FileWatch())
        watch.watch([file: FileState(file)])
        place.write("beside", "x")
        #expect(await isTold(watch, within: .milliseconds(300)) == false)
    }

    @Test("the reader knows its files as they were before it read them")
    func reader() throws {
        place.write("dvpn.toml", "[[map]]\nfile = \"\(file)\"\n")
        place.write("gateways", "10.1.2.3 a #!gw\n")
        var reader = ConfigReader(ConfigLoader(file: place.path("dvpn.toml")))
        _ = try reader.read()
        #expect(reader.mapStates == [file: FileState(file)])
        place.write("gateways", "10.1.2.3 a #!other\n")
        #expect(reader.mapStates != [file: FileState(file)])
        _ = try reader.read()
        #expect(reader.mapStates == [file: FileState(file)])
    }
}
