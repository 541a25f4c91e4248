/// Some networks of very many: those that a reader wants to see first, and how many there are of all.
/// Pure.
public struct NetworkSelection: Sendable {
    /// Those that need a person, those in use, the others.
    public let networks: [NetworkReport]

    /// How many of all networks are in each state that any is in, by the state's word.
    public let states: [String: Int]

    /// What goes through all of them now.
    public let connections: NetworkReport.Connections

    /// All of them, as they come.
    public init(all networks: [NetworkReport]) {
        self.networks = networks
        states = Self.states(networks)
        connections = Self.connections(networks)
    }

    /// Of a greater number of networks.
    ///
    /// - Parameters:
    ///   - active: every network of which there may be something to say.
    ///   - resting: how many others there are in a state, `idle` or `routed`.
    ///   - rest: these, in the order of the configuration, or as many as there is room for.
    ///   - limit: how many at most, 0 or more.
    public init(
        active: [NetworkReport], resting: [NetworkReport.State: Int],
        rest: some Sequence<NetworkReport>, limit: Int
    ) {
        let first = Self.ordered(active).prefix(limit)
        networks = Array(first) + rest.prefix(limit - first.count)
        var states = Self.states(active)
        for (state, count) in resting where count > 0 {
            states[state.rawValue, default: 0] += count
        }
        self.states = states
        connections = Self.connections(active)
    }

    /// Those that need a person, those in use, the others; otherwise they keep their order.
    public static func ordered(_ networks: [NetworkReport]) -> [NetworkReport] {
        networks.enumerated()
            .sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
            .map(\.element)
    }

    private static func rank(_ network: NetworkReport) -> Int {
        if network.asks != nil { return 0 }
        return switch network.state {
        case .locked: 1
        case .holdoff: 2
        case .dialling, .draining, .cleaning: 3
        case .up: 4
        case .idle, .routed, .released: 5
        }
    }

    private static func states(_ networks: [NetworkReport]) -> [String: Int] {
        networks.reduce(into: [:]) { $0[$1.state.rawValue, default: 0] += 1 }
    }

    private static func connections(_ networks: [NetworkReport]) -> NetworkReport.Connections {
        var (open, opening, parked) = (0, 0, 0)
        for network in networks {
            open += network.connections.open
            opening += network.connections.opening
            parked += network.connections.parked
        }
        return NetworkReport.Connections(open: open, opening: opening, parked: parked)
    }
}
