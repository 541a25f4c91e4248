internal import FoundationEssentials
internal import Reports

/// Everything that the page shows, taken at one moment.
struct PageModel: Sendable {
    let status: StatusReport
    /// With counted bytes; those of `status` have none.
    let networks: [NetworkReport]
    let connections: [ConnectionReport]
    let parked: [ParkedReport.Network]
    let check: ConfigurationCheck
    let events: [EventReport]
    let now: Date
    /// Only networks whose name, gateway or prefix has this in it; empty: those that matter.
    var find = ""

    /// More are counted and not shown: a page is read by a person.
    static let networksMax = 200
    static let connectionsMax = 200
    static let eventsMax = 50

    /// Names in one line of the configuration check.
    static let namesMax = 10

    /// Networks to be shown, those that need somebody first.
    var shown: [NetworkReport] {
        let needle = find.lowercased()
        let wanted = networks.filter { network in
            if needle.isEmpty {
                return networks.count <= Self.networksMax
                    || (network.state != .idle && network.state != .routed)
            }
            return ([network.name, network.gateway ?? ""] + network.prefixes)
                .contains { $0.lowercased().contains(needle) }
        }
        return Array(
            wanted.enumerated()
                .sorted { (Self.rank($0.element), $0.offset) < (Self.rank($1.element), $1.offset) }
                .map(\.element).prefix(Self.networksMax))
    }

    private static func rank(_ network: NetworkReport) -> Int {
        if network.asks != nil { return 0 }
        return switch network.state {
        case .locked: 1
        case .holdoff: 2
        case .dialling, .up, .draining, .cleaning: 3
        case .released: 3
        case .idle, .routed: 4
        }
    }
}
