internal import FoundationEssentials
internal import Reports

/// A status report for people. Pure: the time is given.
enum StatusText {
    /// Beyond so many networks the idle ones are counted, not listed.
    static let listedMax = 40

    /// For more networks than anybody reads: a look then costs what is in use, not what is configured.
    static let askedMax = 1_000

    /// Beyond so many networks with something to say, the others are counted.
    private static let notedMax = 10

    static func format(_ report: StatusReport, now: Date, showsAll: Bool = false) -> String {
        let running = Quantity.age(seconds: Int(now.timeIntervalSince(report.since)))
        var text = "dvpn \(report.version), pid \(report.pid), running for \(running); "
        text += dataplane(report.dataplane) + "\n"
        // What concerns all of dvpn may be why its networks fail.
        for health in report.health {
            text += "\n\(health.severity.rawValue): \(health.text)\n"
            if let fix = health.fix { text += "    \(fix)\n" }
        }
        return text + networks(report, now, showsAll)
    }

    private static func isResting(_ network: NetworkReport) -> Bool {
        network.state == .idle || network.state == .routed
    }

    private static func resting(_ report: StatusReport) -> Int {
        [NetworkReport.State.idle, .routed].reduce(0) { $0 + (report.states[$1.rawValue] ?? 0) }
    }

    private static func dataplane(_ dataplane: StatusReport.Dataplane) -> String {
        guard dataplane.connected else { return "the dataplane is NOT CONNECTED" }
        return "dataplane" + (dataplane.pid.map { " pid \($0)" } ?? " connected")
    }

    private static func networks(
        _ report: StatusReport, _ now: Date, _ showsAll: Bool
    ) -> String {
        let (networks, count) = (report.networks, report.networkCount)
        guard count > 0 else { return "\nno networks are configured\n" }
        let isLong = count > listedMax && !showsAll
        let shown = networks.filter { !isLong || $0.failed == true || !isResting($0) }
        var text = ""
        if !shown.isEmpty {
            text += "\n"
            text += Table.format(
                ["NETWORK", "STATE", "FOR", "NEXT", "OPEN", "VIA", "GATEWAY", "PREFIXES"],
                shown.map { NetworkText.row($0, now) }, rightAligned: [4])
        }
        if shown.count < count {
            let hidden = count - shown.count
            let isRest = hidden == resting(report) - shown.count(where: isResting)
            text += "\n\(hidden) more\(isRest ? " are idle or routed" : ""); --all shows them\n"
        }
        return text + notes(shown, now, showsAll)
    }

    private static func notes(_ shown: [NetworkReport], _ now: Date, _ showsAll: Bool) -> String {
        let notes = shown.compactMap { NetworkText.note($0, now) }
        let count = showsAll ? notes.count : min(notes.count, notedMax)
        let text = notes.prefix(count).map { "\n\($0)" }.joined()
        guard count < notes.count else { return text }
        return text + "\nand \(notes.count - count) more: dvpnctl doctor, or dvpnctl status --all\n"
    }
}
