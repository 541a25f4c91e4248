internal import FoundationEssentials
internal import Reports

/// What waits for tunnels, for people. Pure: the time is given.
enum ParkedText {
    static func format(_ report: ParkedReport, now: Date) -> String {
        guard !report.parked.isEmpty else { return "nothing waits\n" }
        let rows = report.parked.map { waiting in
            [
                waiting.network, waiting.state.rawValue, "\(waiting.packets)",
                "\(waiting.questions)",
                waiting.since.map {
                    Quantity.age(seconds: Int(now.timeIntervalSince($0)))
                } ?? "-",
                Quantity.age(seconds: (waiting.holdMs + 999) / 1_000), what(waiting),
            ]
        }
        let questions = report.parked.compactMap { waiting in
            waiting.asks.map {
                "\n\(waiting.network): asks: \($0)\n    answer with: dvpnctl login \(waiting.network)\n"
            }
        }
        return Table.format(
            ["NETWORK", "STATE", "PACKETS", "NAMES", "FOR", "AT MOST", "FIRST"], rows,
            rightAligned: [2, 3, 4, 5]) + questions.joined()
    }

    /// The packet that asked for the tunnel, and some of the names.
    private static func what(_ waiting: ParkedReport.Network) -> String {
        let shown = [waiting.first].compactMap { $0 } + waiting.names.prefix(namesMax)
        let more = waiting.names.count > namesMax ? ", …" : ""
        return shown.isEmpty ? "-" : shown.joined(separator: ", ") + more
    }

    private static let namesMax = 3
}
