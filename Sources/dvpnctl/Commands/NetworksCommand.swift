internal import ArgumentParser
internal import FoundationEssentials
internal import Reports

/// `dvpnctl networks`: what `status` has no room for.
struct NetworksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "networks",
        abstract: "List the networks with what they have carried, or show one in full.")

    @OptionGroup var runtime: RuntimeOptions
    @OptionGroup var output: OutputOptions

    @Option(
        help: ArgumentHelp("Only those in one state: up, locked, idle …", valueName: "state"),
        completion: .list(NetworkReport.State.allCases.map(\.rawValue)), transform: Self.state)
    var state: NetworkReport.State?

    @Argument(
        help: "The network to show in full; without it all are listed.",
        completion: NetworkCompletion.kind)
    var name: String?

    private static func state(_ word: String) throws -> NetworkReport.State {
        guard let state = NetworkReport.State(rawValue: word) else {
            let states = NetworkReport.State.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("a network is never \(word); it is one of \(states)")
        }
        return state
    }

    func validate() throws {
        guard name == nil || state == nil else {
            throw ValidationError("--state chooses among all networks; a name has chosen already")
        }
    }

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            let path = name.map(APIPath.network) ?? APIPath.networks
            let answer = try await runtime.client.fetch(NetworksReport.self, .get, path)
            let now = Date()
            if let state {
                let chosen = answer.report.networks.filter { $0.state == state }
                output.show(own: NetworksReport(networks: chosen)) {
                    $0.networks.isEmpty
                        ? "no network is \(state.rawValue)\n"
                        : NetworksText.table($0.networks, now: now)
                }
                return .healthy
            }
            output.show(answer) { report in
                name == nil
                    ? NetworksText.table(report.networks, now: now)
                    : report.networks.map { NetworksText.details($0, now: now) }.joined()
            }
            return .healthy
        }
    }
}
