internal import FoundationEssentials
internal import Reports

extension Network {
    /// The report of it where nothing runs.
    var atRest: NetworkReport {
        NetworkReport(
            name: name, state: tunnel == nil ? .routed : .idle, since: Date(),
            reason: "dvpn is not running", gateway: tunnel?.gateway, via: tunnel?.via ?? "direct",
            prefixes: prefixes.map(\.text), connections: .init(open: 0, opening: 0, parked: 0))
    }
}
