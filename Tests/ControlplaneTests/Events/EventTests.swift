import FoundationEssentials
import Logging
import Reports
import Testing

@testable import controlplane

@Suite struct EventTests {
    private static func add(_ text: String, to book: EventHistory) {
        book.add(.networkUp, level: "notice", text: text, networks: ["home"], fields: [:])
    }

    @Test func `the ring keeps the last ones, in order`() {
        var ring = EventRing(capacity: 3)
        for id in UInt64(1)...5 {
            ring.append(
                EventReport(
                    id: id, at: Date(), event: "e", level: "info", text: "", networks: [],
                    fields: [:]))
        }
        #expect(ring.events().map(\.id) == [3, 4, 5])
        #expect(ring.events(after: 3).map(\.id) == [4, 5])
        #expect(ring.events(after: 9).isEmpty)
        #expect(ring.events(limit: 1).map(\.id) == [5])
    }

    @Test func `a listener hears what was kept and then what happens`() async {
        let book = EventHistory()
        Self.add("one", to: book)
        Self.add("two", to: book)
        var heard = book.listen(after: 1)?.makeAsyncIterator()
        Self.add("three", to: book)
        #expect(await heard?.next()?.text == "two")
        #expect(await heard?.next()?.text == "three")
    }

    @Test func `too many listeners are refused until one has gone`() async {
        let book = EventHistory()
        var streams = (0..<EventHistory.listenersMax).map { _ in book.listen(after: nil) }
        #expect(streams.allSatisfy { $0 != nil })
        #expect(book.listen(after: nil) == nil)
        streams.removeLast()
        #expect(book.listen(after: nil) != nil)
    }

    @Test func `events are noted with their fields, also where the log is to have less`() {
        let book = EventHistory()
        var log = Logger(label: "test") { _ in EventLog(SwiftLogNoOpLogHandler(), book) }
        log.logLevel = .error
        log.record(
            .notice, .networkUp, "network home: up",
            [.network: ["home"], .cause: "demand"])
        log.record(.notice, nil, "no event")
        log.record(.notice, .connectionEnded, "a connection")
        let events = book.events()
        #expect(events.map(\.event) == ["network-up"])
        #expect(events.first?.networks == ["home"])
        #expect(events.first?.fields == ["cause": "demand"])
    }

    @Test func `an event on the stream is one block of lines`() {
        let event = EventReport(
            id: 7, at: Date(timeIntervalSince1970: 0), event: "network-up", level: "notice",
            text: "a\nb", networks: ["home"], fields: [:])
        #expect(
            EventStream.text(event) == """
                id: 7
                event: network-up
                data: {"at":"1970-01-01T00:00:00Z","event":"network-up","fields":{},"id":7,\
                "level":"notice","networks":["home"],"schema":1,"text":"a\\nb"}


                """)
    }
}
