import FoundationEssentials
import Reports
import Testing

@testable import dvpnctl

@Suite("Status for people")
struct StatusTextTests {
    private static let now = Date(timeIntervalSince1970: 1_767_323_045)

    @Test("every state, and what is to be done about it")
    func states() {
        let networks = [
            network("home", .up, 192, open: 12, idleClosesAt: 240),
            network(
                "work", .holdoff, 10, gateway: "rob@[2001:db8::1]:2222",
                prefixes: ["10.66.0.0/16", "10.67.0.0/16", "fd00:1::/32", "fd00:2::/32"],
                error: ("refused", "the gateway refused the connection"), nextRetry: 25),
            network("lab", .routed, 7_500, via: "direct", gateway: nil),
            network("cabin", .dialling, 2, parked: 3, reason: "tcp 192.0.2.1:5 → 10.1.2.3:80"),
            network(
                "office", .locked, 90_000, error: ("authentication", "the gateway refused our key")),
            network("attic", .idle, 59), network("barn", .draining, 1, open: 1),
            network("shed", .cleaning, 0), network("forest", .up, 3_600, open: 100),
        ]
        let health = [
            HealthReport(
                code: "rules-restored", severity: .warning, text: "somebody removed our rules",
                fix: "see which service flushes the ruleset"),
            HealthReport(code: "slow", severity: .notice, text: "a dial took 9 s"),
        ]
        #expect(
            StatusText.format(report(networks, health), now: Self.now) == """
                dvpn \(Release.version), pid 4711, running for 2h5m; dataplane pid 4712

                warning: somebody removed our rules
                    see which service flushes the ruleset

                notice: a dial took 9 s

                NETWORK  STATE     FOR    NEXT             OPEN  VIA     GATEWAY                 PREFIXES
                home     up        3m12s  closes in 4m       12  ssh     dvpn@203.0.113.7        10.1.2.0/24
                work     holdoff   10s    no dial for 25s     0  ssh     rob@[2001:db8::1]:2222  \
                10.66.0.0/16 10.67.0.0/16 +2
                lab      routed    -      -                   0  direct  -                       10.1.2.0/24
                cabin    dialling  2s     3 waiting           0  ssh     dvpn@203.0.113.7        10.1.2.0/24
                office   locked    1d1h   needs you           0  ssh     dvpn@203.0.113.7        10.1.2.0/24
                attic    idle      59s    -                   0  ssh     dvpn@203.0.113.7        10.1.2.0/24
                barn     draining  1s     -                   1  ssh     dvpn@203.0.113.7        10.1.2.0/24
                shed     cleaning  0s     -                   0  ssh     dvpn@203.0.113.7        10.1.2.0/24
                forest   up        1h     -                 100  ssh     dvpn@203.0.113.7        10.1.2.0/24

                work: the gateway refused the connection (refused, 10s ago); the next \
                packet after 25s dials again

                cabin: dialling because of tcp 192.0.2.1:5 → 10.1.2.3:80

                office: the gateway refused our key (authentication, 1d1h ago)
                    put it right, then: dvpnctl unlock office

                """)
    }

    @Test("no networks, no dataplane")
    func nothing() {
        let report = StatusReport(
            pid: 1, since: Self.now + 5, dataplane: StatusReport.Dataplane(connected: false),
            networks: [], health: [])
        #expect(
            StatusText.format(report, now: Self.now) == """
                dvpn \(Release.version), pid 1, running for 0s; the dataplane is NOT CONNECTED

                no networks are configured

                """)
    }

    @Test("of many networks the idle ones are counted, unless all are asked for")
    func many() {
        var networks = (0..<50).map { network("n\($0)", .idle, 1) }
        networks[7] = network("n7", .up, 1)
        let text = StatusText.format(report(networks, []), now: Self.now)
        #expect(text.contains("\nn7       up"))
        #expect(!text.contains("\nn8 "))
        #expect(text.hasSuffix("\n49 more are idle or routed; --all shows them\n"))
        networks[8] = network("n8", .idle, 1, error: ("refused", "no"), failed: true)
        let one = StatusText.format(report(networks, []), now: Self.now)
        #expect(one.contains("\nn8       idle"))
        #expect(one.contains("\n48 more are idle or routed; --all shows them\n"))
        let all = StatusText.format(report(networks, []), now: Self.now, showsAll: true)
        #expect(all.contains("\nn49 "))
        #expect(!all.contains("--all"))
        let idle = (0..<50).map { network("n\($0)", .idle, 1) }
        let short = StatusText.format(report(idle, []), now: Self.now)
        #expect(short.hasSuffix("4712\n\n50 more are idle or routed; --all shows them\n"))
    }

    @Test(
        "of many failed networks ten say why, unless all are asked for; what concerns all is first")
    func manyFailed() {
        let networks = (0..<40).map {
            network("n\($0)", .holdoff, 1, error: ("refused", "no"), failed: true)
        }
        let health = [HealthReport(code: "dead", severity: .error, text: "the cause")]
        let text = StatusText.format(report(networks, health), now: Self.now)
        #expect(text.split(separator: "\n")[1] == "error: the cause")
        #expect(text.contains("\nn39      holdoff"))
        #expect(text.contains("\nn9: no") && !text.contains("\nn10: no"))
        #expect(text.hasSuffix("\n\nand 30 more: dvpnctl doctor, or dvpnctl status --all\n"))
        let all = StatusText.format(report(networks, health), now: Self.now, showsAll: true)
        #expect(all.contains("\nn39: no") && !all.contains("more:"))
    }

    @Test("why the last dial failed stays, and who dials again")
    func failed() {
        let idle = network("home", .idle, 4, error: ("unreachable", "no way there"), failed: true)
        #expect(
            NetworkText.note(idle, Self.now)
                == "home: its last dial failed: no way there (unreachable, 4s ago); "
                + "the next packet dials again\n")
        let recovered = network("home", .idle, 4, error: ("unreachable", "no way there"))
        #expect(NetworkText.note(recovered, Self.now) == nil)
        let cleaning = network(
            "home", .cleaning, 0, error: ("unreachable", "no way there"), failed: true)
        #expect(
            NetworkText.note(cleaning, Self.now) == "home: no way there (unreachable, 0s ago)\n")
    }

    @Test("what came of up, down and unlock")
    func line() {
        #expect(NetworkText.line(network("home", .up, 1)) == "home is up (dvpn@203.0.113.7)\n")
        let lab = network("lab", .routed, 1, via: "direct", gateway: nil)
        #expect(NetworkText.line(lab) == "lab is routed\n")
    }

    @Test("A network that a person took down, and one that asks a person, say so")
    func persons() {
        func made(
            _ state: NetworkReport.State, _ reason: String, asks: String? = nil, held: Bool? = nil
        ) -> NetworkReport {
            NetworkReport(
                name: "work", state: state, since: Self.now, reason: reason, via: "vpnc",
                prefixes: ["10.66.0.0/16"],
                connections: NetworkReport.Connections(open: 0, opening: 0, parked: 0), asks: asks,
                heldDown: held)
        }
        let held = made(.idle, "held down by an operator", held: true)
        #expect(NetworkText.note(held, Self.now) == "work: held down by an operator\n")
        let closing = made(.cleaning, "down", held: true)
        #expect(
            [held, closing].map(NetworkText.line) == [
                "work is down, and stays down until: dvpnctl up work\n",
                "work is being taken down, and stays down until: dvpnctl up work\n",
            ])
        #expect(NetworkText.note(made(.idle, "nobody has wanted it yet"), Self.now) == nil)
        let asking = made(.dialling, "up", asks: "Password for rob")
        #expect(!report([asking], []).isHealthy && report([held], []).isHealthy)
        #expect(
            NetworkText.line(asking) == """
                work is dialling
                work: asks: Password for rob
                    answer with: dvpnctl login work

                """)
    }

    private func report(_ networks: [NetworkReport], _ health: [HealthReport]) -> StatusReport {
        StatusReport(
            pid: 4_711, since: Self.now - 7_500,
            dataplane: StatusReport.Dataplane(connected: true, pid: 4_712), networks: networks,
            health: health)
    }

    /// A network that has been in its state for some seconds; the other times are seconds from now.
    private func network(
        _ name: String, _ state: NetworkReport.State, _ age: Double, via: String = "ssh",
        gateway: String? = "dvpn@203.0.113.7", prefixes: [String] = ["10.1.2.0/24"],
        open: Int = 0, parked: Int = 0, reason: String = "because",
        error: (code: String, text: String)? = nil, nextRetry: Double? = nil,
        idleClosesAt: Double? = nil, failed: Bool? = nil
    ) -> NetworkReport {
        NetworkReport(
            name: name, state: state, since: Self.now - age, reason: reason,
            lastError: error.map {
                NetworkReport.Failure(code: $0.code, text: $0.text, at: Self.now - age)
            },
            gateway: gateway, via: via, prefixes: prefixes,
            nextRetry: nextRetry.map { Self.now + $0 },
            idleClosesAt: idleClosesAt.map { Self.now + $0 },
            connections: NetworkReport.Connections(open: open, opening: 0, parked: parked),
            failed: failed)
    }
}
