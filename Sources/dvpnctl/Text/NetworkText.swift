internal import FoundationEssentials
internal import Reports

/// One network for people: a row of the table, a note under it, or a line of its own.
enum NetworkText {
    /// More prefixes than this are counted.
    private static let prefixesShownMax = 2

    /// Cells of `StatusText`'s table.
    static func row(_ network: NetworkReport, _ now: Date) -> [String] {
        [
            network.name, network.state.rawValue, age(network, now),
            next(network, now), "\(network.connections.open)", network.via,
            network.gateway ?? "-", prefixes(network.prefixes),
        ]
    }

    /// Why the network is not as it should be; nil where it is.
    static func note(_ network: NetworkReport, _ now: Date) -> String? {
        switch network.state {
        case .up:
            return network.keptUpBy.map { "\(network.name): kept up by \($0)\n" }
        case .idle where network.heldDown == true, .released:
            return "\(network.name): \(network.reason)\n"
        case .idle where network.failed == true:
            return "\(network.name): its last dial failed: \(failure(network, now)); "
                + "the next packet dials again\n"
        case .cleaning where network.failed == true:
            return "\(network.name): \(failure(network, now))\n"
        case .idle, .draining, .cleaning, .routed:
            return nil
        case .dialling:
            guard let prompt = network.asks else {
                return "\(network.name): dialling because of \(network.reason)\n"
            }
            return
                "\(network.name): asks: \(prompt)\n    answer with: dvpnctl login \(network.name)\n"
        case .holdoff:
            let time = network.nextRetry.map { " after \(left($0, now))" } ?? ""
            return "\(network.name): \(failure(network, now)); the next packet\(time) dials again\n"
        case .locked:
            return """
                \(network.name): \(failure(network, now))
                    put it right, then: dvpnctl unlock \(network.name)

                """
        }
    }

    /// What came of `up`, `down` or `unlock`.
    static func line(_ network: NetworkReport) -> String {
        let gateway = network.gateway.map { " (\($0))" } ?? ""
        if network.heldDown == true {
            let word = network.state == .idle ? "down" : "being taken down"
            return "\(network.name) is \(word), and stays down until: dvpnctl up \(network.name)\n"
        }
        let line = "\(network.name) is \(network.state.rawValue)\(gateway)\n"
        return network.asks == nil ? line : line + (note(network, network.since) ?? "")
    }

    /// What will happen by itself, or what is waited for.
    static func next(_ network: NetworkReport, _ now: Date) -> String {
        switch network.state {
        case .dialling:
            let waiting = network.connections.parked + network.connections.opening
            return waiting == 0 ? "-" : "\(waiting) waiting"
        case .holdoff:
            return network.nextRetry.map { "no dial for \(left($0, now))" } ?? "-"
        case .up:
            return network.idleClosesAt.map { "closes in \(left($0, now))" } ?? "-"
        case .locked:
            return "needs you"
        case .idle, .draining, .cleaning, .routed, .released:
            return "-"
        }
    }

    static func left(_ date: Date, _ now: Date) -> String {
        Quantity.age(seconds: Int(date.timeIntervalSince(now).rounded(.up)))
    }

    /// How long it has been in its state.
    static func age(_ network: NetworkReport, _ now: Date) -> String {
        network.state == .routed
            ? "-" : Quantity.age(seconds: Int(now.timeIntervalSince(network.since)))
    }

    private static func failure(_ network: NetworkReport, _ now: Date) -> String {
        network.lastError.map { failure($0, now) } ?? network.reason
    }

    /// What failed, and when.
    static func failure(_ failure: NetworkReport.Failure, _ now: Date) -> String {
        let age = Quantity.age(seconds: Int(now.timeIntervalSince(failure.at)))
        return "\(failure.text) (\(failure.code), \(age) ago)"
    }

    /// Some of them, and how many more there are.
    static func prefixes(_ prefixes: [String]) -> String {
        let shown = prefixes.prefix(prefixesShownMax).joined(separator: " ")
        let rest = prefixes.count - prefixesShownMax
        return rest > 0 ? "\(shown) +\(rest)" : shown
    }
}
