import FoundationEssentials
import Reports

@testable import dvpnctl

/// Models for the screen.
enum WatchSample {
    static let now = Date(timeIntervalSince1970: 1_767_323_045)

    /// Two looks, two seconds apart.
    static var model: WatchModel {
        var model = WatchModel()
        model.take(look(networks(bytes: 1_000_000), at: 10))
        model.take(look(networks(bytes: 5_200_000), at: 12))
        return model
    }

    /// More than any screen has room for.
    static var many: WatchModel {
        var model = WatchModel()
        let networks = (0..<1_000).map { number in
            network("network-\(number)", number % 3 == 0 ? .locked : .idle)
        }
        model.take(look(networks, at: 1))
        return model
    }

    /// dvpn has been ended since.
    static var away: WatchModel {
        var model = model
        model.fail(
            ClientError.notRunning(path: "/run/dvpn/api.sock", reason: "there is no socket").text)
        return model
    }

    static func look(
        _ networks: [NetworkReport], at seconds: Double, pid: Int = 4_711
    ) -> WatchModel.Look {
        let health = [
            HealthReport(
                code: "rules-restored", severity: .warning, text: "somebody removed our rules"),
            HealthReport(code: "slow", severity: .notice, text: "a dial took 9 s"),
        ]
        let status = StatusReport(
            pid: pid, since: now - 7_500,
            dataplane: .init(connected: true, pid: 4_712), networks: networks, health: health)
        let events = (1...12).map(event)
        return WatchModel.Look(status: status, networks: networks, events: events, at: seconds)
    }

    /// The eleventh is a warning, and the twelfth has what a gateway may say in it.
    private static func event(_ number: Int) -> EventReport {
        let text =
            number == 12
            ? "network office: the gateway says: \u{1B}]0;owned\u{7} no, really not, and at length"
            : "network home: idle → dialling: demand \(number)"
        return EventReport(
            id: UInt64(number), at: now - Double(30 - number), event: "network-up",
            level: number == 11 ? "warning" : "notice", text: text, networks: ["home"],
            fields: [:])
    }

    static func network(
        _ name: String, _ state: NetworkReport.State, age: TimeInterval = 59, open: Int = 0,
        parked: Int = 0, bytesIn: UInt64? = nil, bytesOut: UInt64? = nil,
        error: (code: String, text: String)? = nil, nextRetry: TimeInterval? = nil,
        idleClosesAt: TimeInterval? = nil, asks: String? = nil, heldDown: Bool? = nil
    ) -> NetworkReport {
        NetworkReport(
            name: name, state: state, since: now - age, reason: "demand",
            lastError: error.map { .init(code: $0.code, text: $0.text, at: now - age) },
            gateway: "dvpn@203.0.113.7", via: "ssh", prefixes: ["10.1.2.0/24"],
            nextRetry: nextRetry.map { now + $0 }, idleClosesAt: idleClosesAt.map { now + $0 },
            connections: .init(open: open, opening: 0, parked: parked), asks: asks,
            heldDown: heldDown, bytesIn: bytesIn, bytesOut: bytesOut)
    }

    private static func networks(bytes: UInt64) -> [NetworkReport] {
        [
            network(
                "home", .up, age: 192, open: 12, bytesIn: bytes, bytesOut: bytes / 1_000,
                idleClosesAt: 239),
            network("a-network-with-a-long-name", .up, age: 90_000, open: 100, bytesIn: 7),
            network(
                "work", .holdoff, age: 10, error: ("refused", "the gateway refused the connection"),
                nextRetry: 25),
            network("lab", .routed),
            network("cabin", .dialling, age: 2, parked: 3, asks: "Code for alice at vpn.example"),
            network(
                "office", .locked, age: 90_000,
                error: ("authentication", "the gateway refused our key")),
            network("attic", .idle, heldDown: true), network("barn", .draining, age: 1, open: 1),
        ]
    }
}
