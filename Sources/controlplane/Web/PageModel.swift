internal import FoundationEssentials
internal import Reports

/// Everything that the page shows, taken at one moment.
struct PageModel: Sendable {
    let health: [HealthReport]
    /// Those that are worth a look (`Operator.notable`), and how many there are in all.
    let networks: [NetworkReport]
    let networksAll: Int
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

    /// Nothing needs a person.
    var isHealthy: Bool {
        networks.allSatisfy { $0.state != .locked && $0.state != .holdoff }
            && health.allSatisfy { $0.severity == .notice }
    }

    /// Networks to be shown, those that need somebody first.
    var shown: [NetworkReport] {
        let search = NetworkSearch(find)
        let wanted = networks.filter { network in
            search.isEmpty
                ? networksAll <= Self.networksMax
                    || (network.state != .idle && network.state != .routed)
                : search.finds(network)
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
