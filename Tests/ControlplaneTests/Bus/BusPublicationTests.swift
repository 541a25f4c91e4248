import FoundationEssentials
import Reports
import Testing

@testable import controlplane

@Suite("D-Bus: what is signalled")
struct BusPublicationTests {
    private static func report(
        _ state: NetworkReport.State = .up, open: Int = 0, parked: Int = 0, closes: Double? = nil,
        bytes: UInt64? = nil, address: String? = nil
    ) -> NetworkReport {
        NetworkReport(
            name: "home", state: state, since: FakeOperator.since, reason: "because", via: "ssh",
            prefixes: [], idleClosesAt: closes.map { FakeOperator.since.addingTimeInterval($0) },
            connections: .init(open: open, opening: 0, parked: parked), address: address,
            bytesIn: bytes)
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let what: String
        let before: NetworkReport?
        let after: NetworkReport
        let changed: [String]
        var testDescription: String { what }
    }

    static let cases = [
        Case(what: "nothing", before: report(), after: report(), changed: []),
        Case(
            what: "heard of for the first time", before: nil, after: report(),
            changed: [
                "State", "Since", "Reason", "Gateway", "Address", "Connections", "Parked",
                "Asks", "IdleClosesAt",
            ]),
        Case(
            what: "another state", before: report(.up), after: report(.draining),
            changed: ["State"]),
        Case(
            what: "a connection more", before: report(open: 1), after: report(open: 2),
            changed: ["Connections"]),
        Case(
            what: "packets wait", before: report(), after: report(parked: 3), changed: ["Parked"]),
        Case(
            what: "an address", before: report(), after: report(address: "10.66.200.7"),
            changed: ["Address"]),
        Case(what: "bytes", before: report(bytes: 1), after: report(bytes: 2), changed: []),
        Case(
            what: "the reading of two clocks", before: report(closes: 300),
            after: report(closes: 300.002), changed: []),
        Case(
            what: "a later end", before: report(closes: 300), after: report(closes: 305),
            changed: ["IdleClosesAt"]),
        Case(
            what: "in use", before: report(closes: 300), after: report(open: 1),
            changed: ["Connections", "IdleClosesAt"]),
    ]

    @Test("Only what is different is said", arguments: cases)
    func changes(_ item: Case) {
        let changes = BusPublication.changes(from: item.before, to: item.after)
        #expect(changes.map(\.name) == item.changed)
    }

    @Test("A transition is a signal of each of its networks, then what has changed")
    func transitions() {
        var publication = BusPublication()
        var news = NetworkNews()
        news.note(
            .init(networks: ["home", "corp-1"], source: "idle", target: "up", cause: "somebody"))
        let signals = publication.signals(news, [Self.report()])
        #expect(
            signals.map { "\($0.path) \($0.member)" } == [
                "/org/dvpn1/network/home StateChanged",
                "/org/dvpn1/network/corp_2d1 StateChanged",
                "/org/dvpn1/network/home PropertiesChanged",
            ])
        #expect(signals.first?.arguments == ["idle", "up", "somebody"].map(BusValue.string))
        // Nothing new: nothing is said twice.
        var again = NetworkNews()
        again.changed = ["home"]
        #expect(publication.signals(again, [Self.report()]).isEmpty)
    }

    @Test("Networks come and go with a reload, also both at once")
    func reload() {
        var publication = BusPublication()
        var news = NetworkNews()
        news.added = ["home"]
        news.removed = ["old", "home"]
        news.changed = ["home"]
        let signals = publication.signals(news, [Self.report()])
        #expect(
            signals.map { "\($0.path) \($0.member)" } == [
                "/org/dvpn1 InterfacesRemoved", "/org/dvpn1 InterfacesRemoved",
                "/org/dvpn1 InterfacesAdded",
            ])
        #expect(
            signals.first?.arguments == [
                .path("/org/dvpn1/network/old"), .strings(["org.dvpn1.Network"]),
            ])
        #expect(
            signals.last?.arguments.map(\.signature) == ["o", "a{sa{sv}}"])
    }

    @Test("Health is to be asked for anew")
    func health() {
        var publication = BusPublication()
        var news = NetworkNews()
        news.isHealthNew = true
        #expect(
            publication.signals(news, []) == [
                BusSignal(
                    path: "/org/dvpn1", interface: "org.freedesktop.DBus.Properties",
                    member: "PropertiesChanged",
                    arguments: [
                        .string("org.dvpn1.Manager"), .properties([]), .strings(["Health"]),
                    ])
            ])
    }

    @Test("Too many transitions are counted, and none is kept")
    func bounded() {
        var news = NetworkNews()
        for number in 0..<(NetworkNews.transitionsMax + 2) {
            news.note(.init(networks: ["home"], source: "a", target: "b", cause: "\(number)"))
        }
        #expect(news.transitions.count == NetworkNews.transitionsMax)
        #expect(news.leftOut == 2)
        #expect(news.transitions.first?.cause == "2")
        #expect(news.changed == ["home"])
    }
}
