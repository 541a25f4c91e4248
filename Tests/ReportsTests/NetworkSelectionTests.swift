import FoundationEssentials
import Reports
import Testing

@Suite("Some networks of very many")
struct NetworkSelectionTests {
    @Test("who needs a person comes first, then who is in use, then the others")
    func order() {
        let networks = [
            network("a", .idle), network("b", .up), network("c", .dialling), network("d", .holdoff),
            network("e", .locked), network("f", .dialling, asks: "code"), network("g", .released),
        ]
        #expect(NetworkSelection.ordered(networks).map(\.name).joined() == "fedcbag")
    }

    @Test("all are counted, however few are shown", arguments: [0, 1, 2, 3, 9])
    func counted(limit: Int) {
        let rest = (0..<1_000).lazy.map { network("r\($0)", .idle) }
        let selection = NetworkSelection(
            active: [network("up", .up, open: 3), network("stuck", .locked, open: 1)],
            resting: [.idle: 1_000, .routed: 0], rest: rest, limit: limit)
        let names = ["stuck", "up"] + (0..<7).map { "r\($0)" }
        #expect(selection.networks.map(\.name) == Array(names.prefix(limit)))
        #expect(selection.states == ["up": 1, "locked": 1, "idle": 1_000])
        #expect(selection.connections.open == 4)
    }

    @Test("health is that of all, also of those that are not shown")
    func health() {
        let time = Date(timeIntervalSince1970: 0)
        func isHealthy(_ state: NetworkReport.State) -> Bool {
            StatusReport(
                pid: 1, since: time, dataplane: .init(connected: true),
                selection: NetworkSelection(
                    active: [network("a", state)], resting: [:], rest: [], limit: 0), health: []
            ).isHealthy
        }
        #expect(isHealthy(.up) && !isHealthy(.locked) && !isHealthy(.holdoff))
    }

    private func network(
        _ name: String, _ state: NetworkReport.State, asks: String? = nil, open: Int = 0
    ) -> NetworkReport {
        NetworkReport(
            name: name, state: state, since: Date(timeIntervalSince1970: 0), reason: "r",
            via: "ssh",
            prefixes: [], connections: .init(open: open, opening: 0, parked: 0), asks: asks)
    }
}
