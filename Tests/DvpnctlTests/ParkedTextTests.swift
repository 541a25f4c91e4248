import FoundationEssentials
import Reports
import Testing

@testable import dvpnctl

@Suite("What waits, for people")
struct ParkedTextTests {
    private static let now = Date(timeIntervalSince1970: 1_767_323_045)

    @Test("a row for each network, and its question")
    func parked() {
        let report = ParkedReport(parked: [
            .init(
                network: "home", state: .dialling, reason: "demand", packets: 3,
                first: "tcp 192.0.2.1:5 → 10.1.2.3:80", since: Self.now - 12, holdMs: 30_000),
            .init(
                network: "work", state: .dialling, reason: "demand", packets: 12, holdMs: 120_000,
                asks: "Code for alice", questions: 2, names: ["www.corp.example"]),
            .init(
                network: "names", state: .dialling, reason: "www.a.example was looked up",
                packets: 0, since: Self.now - 2, holdMs: 30_000, questions: 9,
                names: ["www.a.example", "b.a.example", "c.a.example", "d.a.example"]),
        ])
        #expect(
            ParkedText.format(report, now: Self.now) == """
                NETWORK  STATE     PACKETS  NAMES  FOR  AT MOST  FIRST
                home     dialling        3      0  12s      30s  tcp 192.0.2.1:5 → 10.1.2.3:80
                work     dialling       12      2    -       2m  www.corp.example
                names    dialling        0      9   2s      30s  www.a.example, b.a.example, c.a.example, …

                work: asks: Code for alice
                    answer with: dvpnctl login work

                """)
        #expect(ParkedText.format(ParkedReport(parked: []), now: Self.now) == "nothing waits\n")
    }
}
