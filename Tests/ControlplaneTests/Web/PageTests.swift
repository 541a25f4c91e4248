import FoundationEssentials
import Reports
import Testing

@testable import controlplane

@Suite struct PageTests {
    private static let now = Date(timeIntervalSince1970: 1_767_323_105)

    private static func network(
        _ name: String, _ state: NetworkReport.State = .idle, asks: String? = nil
    ) -> NetworkReport {
        NetworkReport(
            name: name, state: state, since: FakeOperator.since, reason: "because",
            gateway: "dvpn@203.0.113.7", via: "ssh", prefixes: ["10.1.2.0/24"],
            connections: .init(open: 0, opening: 0, parked: 0), asks: asks)
    }

    private static func model(
        _ networks: [NetworkReport], events: [EventReport] = [], health: [HealthReport] = [],
        parked: [ParkedReport.Network] = [],
        check: Result<ReloadReport, ConfigErrors>? = .success(
            ReloadReport(added: [], removed: [], changed: [], settings: [])),
        find: String = ""
    ) -> PageModel {
        PageModel(
            health: health, networks: networks, networksAll: networks.count, connections: [],
            parked: parked,
            check: ConfigurationCheck(at: FakeOperator.since, result: check), events: events,
            now: now, find: find)
    }

    @Test func `what others have written never becomes markup`() {
        let bad = "<script>alert('\"&')</script>"
        let text = Page.document(
            Self.model(
                [Self.network(bad, .up, asks: bad)],
                events: [
                    EventReport(
                        id: 1, at: Self.now, event: "asks", level: "notice", text: bad,
                        networks: [bad], fields: [:])
                ],
                health: [HealthReport(code: "c", severity: .error, text: bad, fix: bad)],
                parked: [
                    ParkedReport.Network(
                        network: bad, state: .up, reason: bad, packets: 1, first: bad, holdMs: 1,
                        asks: bad)
                ],
                check: .failure(
                    ConfigErrors([
                        ConfigError(
                            position: SourcePosition(file: bad, line: 1, column: 1), message: bad,
                            hint: bad, excerpt: bad)
                    ])), find: bad)
        ).text
        #expect(!text.contains("<script>alert"))
        #expect(text.contains("&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;"))
    }

    @Test(arguments: [
        (NetworkReport.State.idle, ["up", "release"]), (.holdoff, ["up", "release"]),
        (.locked, ["unlock", "release"]), (.up, ["down", "release"]),
        (.dialling, ["down", "release"]), (.released, ["resume"]), (.routed, []),
    ])
    func `a network offers what can be done`(state: NetworkReport.State, verbs: [String]) {
        let text = NetworkCard.html(Self.network("home", state), Self.now).text
        for other in APIPath.Verb.allCases.map(\.rawValue) {
            #expect(
                text.contains("action=\"/page/networks/home/\(other)\"") == verbs.contains(other),
                "\(state) \(other)")
        }
    }

    @Test func `a question has a field that hides the answer`() {
        let text = NetworkCard.html(Self.network("w", .dialling, asks: "Password?"), Self.now).text
        #expect(text.contains("action=\"/page/networks/w/secret\""))
        #expect(text.contains("type=\"password\""))
        #expect(text.contains("Password?"))
    }

    @Test func `what waits and what the files would change`() throws {
        let parked = [
            ParkedReport.Network(
                network: "home", state: .dialling, reason: "demand", packets: 3,
                first: "tcp 192.0.2.7:40122 → 10.1.2.3:80", since: FakeOperator.since,
                holdMs: 30_000),
            ParkedReport.Network(
                network: "work", state: .dialling, reason: "demand", packets: 1,
                holdMs: 120_000, asks: "Password for alice", questions: 2,
                names: ["www.corp.example"]),
            ParkedReport.Network(
                network: "office", state: .dialling, reason: "b.example was looked up", packets: 0,
                since: FakeOperator.since, holdMs: 30_000, questions: 3,
                names: ["b.example", "c.b.example"]),
        ]
        let changes = ReloadReport(
            added: ["new", "office"], removed: ["old"], changed: (1...12).map { "n\($0)" },
            settings: ["lan"])
        let model = Self.model(
            [Self.network("home", .dialling), Self.network("office", .released)], parked: parked,
            check: .success(changes))
        try Golden.expect(PageTables.parked(model).text + "\n", equals: "page-parked.html")
        try Golden.expect(
            ConfigurationSection.html(model).text + "\n", equals: "page-changes.html")
    }

    @Test func `mistakes have their line, and ten thousand are counted`() throws {
        let errors = (1...60).map { line in
            ConfigError(
                position: SourcePosition(file: "/etc/dvpn/dvpn.toml", line: line, column: 3),
                message: "unknown key `gatway`", hint: line == 1 ? "did you mean `gateway`?" : nil,
                excerpt: line == 1 ? "  gatway = \"a <b>\"" : "", width: 6)
        }
        let one = Self.model([], check: .failure(ConfigErrors(Array(errors.prefix(1)))))
        try Golden.expect(
            ConfigurationSection.html(one).text + "\n", equals: "page-mistake.html")
        let all = Self.model([], check: .failure(ConfigErrors(errors)))
        let text = ConfigurationSection.html(all).text
        #expect(text.contains("60 mistakes") && text.contains("10 more are not shown"))
    }

    @Test func `a network that has failed says why, and not that all was cleaned`() {
        let failed = NetworkReport(
            name: "home", state: .locked, since: FakeOperator.since, reason: "cleaned",
            lastError: .init(code: "authentication", text: "the key is refused", at: Self.now),
            via: "ssh", prefixes: [], connections: .init(open: 0, opening: 0, parked: 0))
        let text = NetworkCard.html(failed, Self.now).text
        #expect(text.contains("the key is refused"))
        #expect(!text.contains("cleaned"))
    }

    @Test func `files that are too large to be checked name who checks them`() {
        let text = ConfigurationSection.html(Self.model([], check: nil)).text
        #expect(text.contains("<code>dvpnctl check --diff</code>"))
        #expect(!text.contains("mistake"))
    }

    @Test func `what is empty says so`() throws {
        let text = Page.main(Self.model([])).text
        for words in ["Nothing waits", "None is open", "Nothing yet", "No mistakes; everything"] {
            #expect(text.contains(words), "\(words)")
        }
        #expect(text.contains("None is configured"))
    }

    @Test func `those that need somebody come first`() {
        let model = Self.model([
            Self.network("a"), Self.network("b", .up), Self.network("c", .locked),
            Self.network("d", .up, asks: "?"),
        ])
        #expect(model.shown.map(\.name) == ["d", "c", "b", "a"])
    }

    @Test func `of many networks only those that matter are shown, and what is searched for`() {
        let many = (0..<300).map { Self.network("n\($0)") } + [Self.network("busy", .up)]
        #expect(Self.model(many).shown.map(\.name) == ["busy"])
        #expect(Page.main(Self.model(many)).text.contains("300 more are not shown"))
        #expect(Self.model(many, find: "N299").shown.map(\.name) == ["n299"])
        #expect(Self.model(many, find: "10.1.2").shown.count == PageModel.networksMax)
    }

    @Test(arguments: [
        (0.4, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (3_700, "1 h 1 min"), (90_000, "1 d 1 h"),
        (-5, "0 s"),
    ])
    func `times have the units that matter`(seconds: Double, text: String) {
        #expect(NetworkCard.age(seconds) == text)
    }

    @Test(arguments: [
        (UInt64(0), "0 B"), (999, "999 B"), (1_000, "1.00 kB"), (12_345, "12.3 kB"),
        (999_900, "1.00 MB"), (123_456_789, "123 MB"),
    ])
    func `bytes have three digits`(count: UInt64, text: String) {
        #expect(NetworkCard.bytes(count) == text)
    }

    @Test(arguments: [
        ("secret=a", String?("a")), ("x=1&secret=a%26b%3D%2B+c", "a&b=+ c"), ("secret=", ""),
        ("secret=%C3%A4", "ä"), ("secret=%FF", nil), ("secret=%4", nil), ("other=1", nil),
    ])
    func `a form's field is decoded`(body: String, value: String?) {
        #expect(FormBody.value(of: "secret", in: body) == value)
    }
}
