import FoundationEssentials
import Reports
import Testing

@testable import dvpnctl

@Suite("Networks for people")
struct NetworksTextTests {
    private static let now = Date(timeIntervalSince1970: 1_767_323_045)

    private static let work = NetworkReport(
        name: "work", state: .up, since: now - 192, reason: "tcp 192.0.2.1:5 → 10.66.0.10:22",
        lastError: .init(code: "unreachable", text: "no route to the gateway", at: now - 7_500),
        gateway: "alice@vpn.example", via: "vpnc",
        prefixes: ["10.66.0.0/16", "10.67.0.0/16", "fd00:1::/32"],
        idleClosesAt: now + 240, connections: .init(open: 12, opening: 1, parked: 3),
        device: "dv-work", address: "10.66.202.2",
        keptUpBy: "192.0.2.1:5 → 10.66.0.10:22", bytesIn: 23_000_000, bytesOut: 512)

    private static let lab = NetworkReport(
        name: "lab", state: .routed, since: now - 9, reason: "reached by the host's own routes",
        via: "direct", prefixes: ["10.9.0.0/16"], connections: .init(open: 0, opening: 0, parked: 0)
    )

    @Test("a row for each")
    func table() {
        #expect(
            NetworksText.table([Self.work, Self.lab], now: Self.now) == """
                NETWORK  STATE   FOR    OPEN  PARKED      IN    OUT  VIA     DEVICE   PREFIXES
                work     up      3m12s    12       3  21 MiB  512 B  vpnc    dv-work  10.66.0.0/16 10.67.0.0/16 +1
                lab      routed  -         0       0       -      -  direct  -        10.9.0.0/16

                """)
        #expect(NetworksText.table([], now: Self.now) == "no networks are configured\n")
    }

    @Test("one in full, and only what applies to it")
    func details() {
        #expect(
            NetworksText.details(Self.work, now: Self.now) == """
                work: up for 3m12s
                    why          tcp 192.0.2.1:5 → 10.66.0.10:22
                    last error   no route to the gateway (unreachable, 2h5m ago)
                    closes       in 4m, if nothing comes
                    kept up by   192.0.2.1:5 → 10.66.0.10:22
                    via          vpnc
                    gateway      alice@vpn.example
                    device       dv-work
                    address      10.66.202.2
                    prefixes     10.66.0.0/16 10.67.0.0/16 fd00:1::/32
                    connections  12 open, 1 opening, 3 parked
                    carried      21 MiB in, 512 B out

                """)
        #expect(
            NetworksText.details(Self.lab, now: Self.now) == """
                lab: routed
                    why          reached by the host's own routes
                    via          direct
                    prefixes     10.9.0.0/16
                    connections  0 open, 0 opening, 0 parked

                """)
    }

    @Test("who answers a network that asks is told how")
    func asks() {
        let asking = NetworkReport(
            name: "work", state: .dialling, since: Self.now, reason: "demand", via: "vpnc",
            prefixes: [], connections: .init(open: 0, opening: 0, parked: 1),
            asks: "Password for alice")
        #expect(
            NetworksText.details(asking, now: Self.now)
                .contains("    asks         Password for alice (dvpnctl login work)\n"))
    }
}
