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
                asks: "Code for alice"),
        ])
        #expect(
            ParkedText.format(report, now: Self.now) == """
                NETWORK  STATE     PACKETS  FOR  AT MOST  FIRST
                home     dialling        3  12s      30s  tcp 192.0.2.1:5 → 10.1.2.3:80
                work     dialling       12    -       2m  -

                work: asks: Code for alice
                    answer with: dvpnctl login work

                """)
        #expect(ParkedText.format(ParkedReport(parked: []), now: Self.now) == "no packet waits\n")
    }
}
