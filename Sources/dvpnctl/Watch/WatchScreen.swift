internal import FoundationEssentials
internal import Reports

/// What is seen of a `WatchModel` on a screen of a size: lines from the top. Pure.
///
/// Networks that need somebody come first, then those that are in use; what has no room is counted.
struct WatchScreen {
    let model: WatchModel
    let now: Date
    /// In columns; at least 1.
    let width: Int
    /// In lines; at least 1.
    let height: Int

    /// Title, two lines of sums, an empty one, and the table's heading.
    private static let headHeight = 5
    /// What to press.
    private static let footHeight = 1

    /// Never more than `height` of them, none wider than `width`.
    var lines: [[Span]] {
        var lines = [title]
        if let look = model.look {
            lines += sums(look) + [[]] + middle(look)
        } else if model.problem == nil {
            lines += [[], [Span("asking …", .faint)]]
        }
        let room = max(0, height - Self.footHeight)
        lines = Array(lines.prefix(room))
        lines += Array(repeating: [], count: room - lines.count)
        lines.append([Span("q ends it", .faint)])
        return lines.suffix(height).map { Span.clip($0, width) }
    }

    // MARK: - The head

    private var title: [Span] {
        if let problem = model.problem {
            return [Span(fill(" \(problem)"), .bad)]
        }
        guard let status = model.look?.status else { return [Span(fill(" dvpn"), .title)] }
        let age = Quantity.age(seconds: Int(now.timeIntervalSince(status.since)))
        let dataplane =
            status.dataplane.connected ? "dataplane connected" : "DATAPLANE NOT CONNECTED"
        let left = " dvpn \(status.version), running for \(age), \(dataplane)"
        let clock = now.formatted(.iso8601.time(includingFractionalSeconds: false)) + " UTC "
        let style = status.dataplane.connected ? Span.Style.title : .bad
        return [Span(fill(left, beside: clock) + clock, style)]
    }

    private func sums(_ look: WatchModel.Look) -> [[Span]] {
        let states = NetworkReport.State.allCases.compactMap { state -> [Span]? in
            look.status.states[state.rawValue].map { count in
                [Span(", "), Span("\(count) \(state.rawValue)", Self.style(state))]
            }
        }.joined().dropFirst()
        let networks = look.status.networkCount
        let sum = look.status.connections
        return [
            [
                Span("\(networks) network\(networks == 1 ? "" : "s")"),
                Span(states.isEmpty ? "" : ": "),
            ]
                + states,
            [
                Span("\(sum.open) open, \(sum.opening) opening, \(sum.parked) parked; "),
                Span(
                    "\(perSecond(model.total.bytesIn)) in, \(perSecond(model.total.bytesOut)) out"),
            ],
        ]
    }

    // MARK: - The middle

    private func middle(_ look: WatchModel.Look) -> [[Span]] {
        let room = max(0, height - Self.headHeight - Self.footHeight)
        let notes = notes(look).prefix(room / 4)
        let eventsLeast = min(look.events.count, room / 4)
        // Each block has an empty line before it.
        func block(_ count: Int) -> Int { count == 0 ? 0 : count + 1 }
        let rowsMax = max(1, room - block(notes.count) - block(eventsLeast))
        let rows = rows(look, rowsMax)
        let eventsMost = room - block(notes.count) - rows.count - 1
        let events = look.events.suffix(max(0, eventsMost)).map { event in
            [
                Span(event.at.formatted(.iso8601.time(includingFractionalSeconds: false)), .faint),
                Span(
                    " \(event.text.split(separator: "\n").joined(separator: " / "))",
                    Self.style(event)),
            ]
        }
        return [WatchTable(width: width, names: look.networks.map(\.name)).heading]
            + rows + (notes.isEmpty ? [] : [[]] + notes) + (events.isEmpty ? [] : [[]] + events)
    }

    private func rows(_ look: WatchModel.Look, _ count: Int) -> [[Span]] {
        let table = WatchTable(width: width, names: look.networks.map(\.name))
        let isCut = look.status.networkCount > min(count, look.networks.count)
        let shown = NetworkSelection.ordered(look.networks).prefix(isCut ? count - 1 : count)
        let rows = shown.map { network in
            table.row(
                network, model.rates[network.name] ?? WatchModel.Rate(), now,
                Self.style(network.state))
        }
        guard isCut else { return rows }
        return rows + [[Span("and \(look.status.networkCount - shown.count) more", .faint)]]
    }

    /// What somebody should do something about, the worst first.
    private func notes(_ look: WatchModel.Look) -> [[Span]] {
        let health = look.status.health.filter { $0.severity != .notice }
        let ours = NetworkSelection.ordered(look.networks).compactMap { network -> [Span]? in
            guard
                network.asks != nil || network.failed == true
                    || [.locked, .holdoff].contains(network.state),
                let note = NetworkText.note(network, now)
            else { return nil }
            return [Span(Self.oneLine(note), Self.style(network.state))]
        }
        return health.map { [Span(Self.oneLine($0.text), $0.severity == .error ? .bad : .warning)] }
            + ours
    }

    // MARK: - Words

    /// A note's lines on one.
    private static func oneLine(_ text: String) -> String {
        text.split(separator: "\n").map { $0.trimmingPrefix(while: { $0 == " " }) }
            .joined(separator: "; ")
    }

    private func fill(_ text: String, beside other: String = "") -> String {
        let count = width - text.unicodeScalars.count - other.unicodeScalars.count
        return text + String(repeating: " ", count: max(1, count))
    }

    private func perSecond(_ count: UInt64) -> String { "\(Quantity.bytes(count))/s" }

    private static func style(_ state: NetworkReport.State) -> Span.Style {
        switch state {
        case .up: .good
        case .dialling, .draining, .cleaning: .busy
        case .holdoff: .warning
        case .locked: .bad
        default: .faint
        }
    }

    private static func style(_ event: EventReport) -> Span.Style {
        switch event.level {
        case "warning": .warning
        case "error", "critical": .bad
        default: .plain
        }
    }
}
