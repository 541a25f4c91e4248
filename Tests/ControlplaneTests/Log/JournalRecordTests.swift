import Logging
import Testing

@testable import controlplane

@Suite("The journal's records")
struct JournalRecordTests {
    private static func record(
        _ message: Logger.Message, level: Logger.Level = .notice, _ metadata: Logger.Metadata = [:]
    ) -> [String] {
        JournalRecord(
            LogEvent(
                level: level, message: message, metadata: metadata, source: nil,
                file: "controlplane/Supervisor.swift", function: "f()", line: 7)
        ).fields.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test("A sentence with its level and its place in the source")
    func plain() {
        #expect(
            Self.record("all is well") == [
                "MESSAGE=all is well", "PRIORITY=5", "SYSLOG_IDENTIFIER=dvpn-controlplane",
                "CODE_FILE=controlplane/Supervisor.swift", "CODE_LINE=7", "CODE_FUNC=f()",
            ])
    }

    @Test("Fields are ours by name, and a list is a field several times")
    func fields() {
        let record = Self.record(
            "x",
            [
                "network": .array(["home", "corp-1"]), "state_before": "idle",
                Logger.eventKey: .string(JournalEvent.networkUp.rawValue), "odd key!": "y",
            ])
        #expect(
            record.dropFirst(6) == [
                "MESSAGE_ID=\(JournalEvent.networkUp.id)", "DVPN_NETWORK=home",
                "DVPN_NETWORK=corp-1", "DVPN_ODD_KEY_=y", "DVPN_STATE_BEFORE=idle",
            ])
    }

    @Test(
        "Levels are syslog's",
        arguments: [
            (Logger.Level.trace, 7), (.debug, 7), (.info, 6), (.notice, 5), (.warning, 4),
            (.error, 3), (.critical, 2),
        ])
    func levels(level: Logger.Level, priority: Int) {
        #expect(Self.record("x", level: level).contains("PRIORITY=\(priority)"))
    }

    @Test("Line breaks stay in their field: nobody can write a field of his own")
    func breaks() {
        let record = Self.record("two\nlines", ["cause": "a\nPRIORITY=0"])
        #expect(record.first == "MESSAGE=two\nlines")
        #expect(record.last == "DVPN_CAUSE=a\nPRIORITY=0")
        #expect(record.count == 7)
    }

    @Test("What is too long is cut, and what is too often left out")
    func limits() {
        let names = (0..<100).map { Logger.MetadataValue.string("n\($0)") }
        let long = String(repeating: "ü", count: JournalRecord.bytesMax)
        let record = Self.record("\(long)", ["network": .array(names)])
        #expect(record.filter { $0.hasPrefix("DVPN_NETWORK=") }.count == JournalRecord.repeatsMax)
        #expect((record.first?.utf8.count ?? 0) < JournalRecord.bytesMax + 32)
    }

    @Test("The journal is used where standard error is its stream, and nowhere else")
    func stream() {
        #expect(LogOutput.isJournal("9:3021", device: 9, inode: 3_021))
        #expect(!LogOutput.isJournal("9:3021", device: 9, inode: 3_022))
        #expect(!LogOutput.isJournal("9:30210", device: 9, inode: 3_021))
        #expect(!LogOutput.isJournal("", device: 0, inode: 0))
        #expect(!LogOutput.isJournal(nil, device: 9, inode: 3_021))
    }

    @Test("Values are what they are")
    func values() {
        let fields: [LogField: any LogValue] = [
            .network: ["a"], .count: 3, .bytesIn: UInt64.max, .program: "ssh",
        ]
        #expect(fields[.network]?.metadata == .array(["a"]))
        #expect(fields[.count]?.metadata == "3")
        #expect(fields[.bytesIn]?.metadata == "18446744073709551615")
        #expect(fields[.program]?.metadata == "ssh")
    }
}
