import Testing

@testable import controlplane

@Suite("The journal's catalogue")
struct CatalogTests {
    private struct Entry {
        var headers: [String] = []
        var text = ""
    }

    /// Entries by their id, as systemd's catalogue files have them.
    private static func entries() throws -> [String: Entry] {
        let root = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()
        let text = try #require(try ProcessFiles.text("\(root)/systemd/dvpn.catalog"))
        var entries: [String: Entry] = [:]
        for part in ("\n" + text).split(separator: "\n-- ").dropFirst() {
            let lines = part.split(separator: "\n", omittingEmptySubsequences: false).map(
                String.init)
            let end = lines.firstIndex(of: "") ?? lines.count
            #expect(entries[lines[0]] == nil, "an id stands there twice")
            entries[lines[0]] = Entry(
                headers: Array(lines[1..<end]), text: lines[end...].joined(separator: "\n"))
        }
        return entries
    }

    @Test("Every event is explained, and nothing else")
    func complete() throws {
        let entries = try Self.entries()
        #expect(Set(entries.keys) == Set(JournalEvent.allCases.map(\.id)))
        for (id, entry) in entries {
            #expect(entry.headers.contains { $0.hasPrefix("Subject: ") }, "\(id)")
            #expect(entry.text.contains("."), "\(id) explains nothing")
        }
    }

    @Test("Ids are 128 bits in small letters, each one another")
    func ids() {
        let ids = JournalEvent.allCases.map(\.id)
        #expect(Set(ids).count == ids.count)
        for id in ids {
            #expect(id.count == 32 && id.allSatisfy { $0.isHexDigit && !$0.isUppercase })
        }
    }

    @Test("The fields that it shows are ours")
    func fields() throws {
        let known = Set(LogField.allCases.map(\.journalName))
        for (id, entry) in try Self.entries() {
            let text = entry.headers.joined(separator: " ") + entry.text
            let parts = text.split(separator: "@", omittingEmptySubsequences: false)
            #expect(parts.count % 2 == 1, "\(id): an @ without its pair")
            for (place, name) in parts.enumerated() where place % 2 == 1 {
                #expect(known.contains(String(name)), "\(id): \(name)")
            }
        }
    }

    @Test("Each state of a tunnel has its event")
    func states() {
        let events = ["idle", "dialling", "up", "draining", "cleaning", "holdoff", "locked"]
            .map(JournalEvent.init(state:))
        #expect(
            events == [
                .networkIdle, .networkDialling, .networkUp, .networkCloses, .networkCloses,
                .networkHoldoff, .networkLocked,
            ])
    }
}
