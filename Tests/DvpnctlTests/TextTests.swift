import Reports
import Testing

@testable import dvpnctl

@Suite("Tables and quantities")
struct TextTests {
    @Test("connections line up, numbers to the right")
    func connections() {
        let report = ConnectionsReport(connections: [
            ConnectionReport(
                id: "17", network: "home", source: "192.168.1.10:51000", target: "10.1.2.3:443",
                connectUs: 1_150, ageMs: 3_725_000, bytesIn: 23_000_000, bytesOut: 512),
            ConnectionReport(
                id: "4294967298", network: "work", source: "[fd00::2]:4", target: "[fd00:1::1]:22",
                connectUs: 12_345_678, ageMs: 999, bytesIn: 0, bytesOut: 1_536),
        ])
        #expect(
            ConnectionsText.format(report) == """
                ID          NETWORK  CLIENT              TARGET           AGE  CONNECT      IN      OUT
                17          home     192.168.1.10:51000  10.1.2.3:443    1h2m    1.1ms  21 MiB    512 B
                4294967298  work     [fd00::2]:4         [fd00:1::1]:22    0s    12.3s     0 B  1.5 KiB

                """)
        #expect(ConnectionsText.format(ConnectionsReport(connections: [])) == "no connections\n")
    }

    @Test("what a reload changed")
    func reload() {
        let names = (1...12).map { "n\($0)" }
        let report = ReloadReport(added: names, removed: ["a"], changed: [], settings: ["lan"])
        #expect(
            ReloadText.format(report) == """
                added: n1, n2, n3, n4, n5, n6, n7, n8, n9, n10 and 2 more
                removed: a
                settings changed: lan

                """)
        var nothing = ReloadReport(added: [], removed: [], changed: [], settings: [])
        #expect(ReloadText.format(nothing) == "nothing has changed\n")
        nothing.unlocked = ["work"]
        #expect(ReloadText.format(nothing) == "unlocked, with another secret: work\n")
    }

    @Test(
        "ages",
        arguments: [
            (-5, "0s"), (0, "0s"), (59, "59s"), (60, "1m"), (192, "3m12s"), (3_599, "59m59s"),
            (3_600, "1h"), (7_500, "2h5m"), (86_399, "23h59m"), (86_400, "1d"), (273_600, "3d4h"),
        ])
    func ages(_ seconds: Int, _ text: String) {
        #expect(Quantity.age(seconds: seconds) == text)
    }

    @Test(
        "sizes",
        arguments: [
            (0, "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (1_536, "1.5 KiB"),
            (10_239, "9.9 KiB"), (10_240, "10 KiB"), (1_048_575, "1023 KiB"),
            (1_073_741_824, "1.0 GiB"), (UInt64.max, "15 EiB"),
        ] as [(UInt64, String)])
    func sizes(_ count: UInt64, _ text: String) {
        #expect(Quantity.bytes(count) == text)
    }

    @Test(
        "short times",
        arguments: [
            (0, "0us"), (999, "999us"), (1_000, "1.0ms"), (9_999, "9.9ms"), (34_567, "34ms"),
            (999_999, "999ms"), (1_000_000, "1.0s"), (65_432_100, "65.4s"),
        ] as [(UInt64, String)])
    func shortTimes(_ count: UInt64, _ text: String) {
        #expect(Quantity.microseconds(count) == text)
    }
}
