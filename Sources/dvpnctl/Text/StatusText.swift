internal import FoundationEssentials
internal import Reports

/// A status report for people. Pure: the time is given.
enum StatusText {
    /// Beyond so many networks the idle ones are counted, not listed.
    static let listedMax = 40

    static func format(_ report: StatusReport, now: Date, showsAll: Bool = false) -> String {
        let running = Quantity.age(seconds: Int(now.timeIntervalSince(report.since)))
        var text = "dvpn \(report.version), pid \(report.pid), running for \(running); "
        text += dataplane(report.dataplane) + "\n"
        text += networks(report.networks, now, showsAll)
        for health in report.health {
            text += "\n\(health.severity.rawValue): \(health.text)\n"
            if let fix = health.fix { text += "    \(fix)\n" }
        }
        return text
    }

    private static func dataplane(_ dataplane: StatusReport.Dataplane) -> String {
        guard dataplane.connected else { return "the dataplane is NOT CONNECTED" }
        return "dataplane" + (dataplane.pid.map { " pid \($0)" } ?? " connected")
    }

    private static func networks(
        _ networks: [NetworkReport], _ now: Date, _ showsAll: Bool
    ) -> String {
        guard !networks.isEmpty else { return "\nno networks are configured\n" }
        let isLong = networks.count > listedMax && !showsAll
        let shown = networks.filter {
            !isLong || $0.failed == true || ($0.state != .idle && $0.state != .routed)
        }
        var text = ""
        if !shown.isEmpty {
            text += "\n"
            text += Table.format(
                ["NETWORK", "STATE", "FOR", "NEXT", "OPEN", "VIA", "GATEWAY", "PREFIXES"],
                shown.map { NetworkText.row($0, now) }, rightAligned: [4])
        }
        if shown.count < networks.count {
            let hidden = networks.count - shown.count
            text += "\n\(hidden) more are idle or routed; --all shows them\n"
        }
        for network in shown {
            if let note = NetworkText.note(network, now) { text += "\n\(note)" }
        }
        return text
    }
}
