internal import ArgumentParser
internal import FoundationEssentials
internal import Reports

/// `dvpnctl connections`: who talks to whom.
struct ConnectionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections", abstract: "List the connections that are open now, or end one.")

    @OptionGroup var runtime: RuntimeOptions

    @Option(
        help: ArgumentHelp("Only those of one network.", valueName: "name"),
        completion: NetworkCompletion.kind)
    var network: String?

    @Option(
        help: ArgumentHelp(
            "End the connection of this ID, with a reset to both sides.", valueName: "id"))
    var kill: String?

    @Option(
        help: ArgumentHelp(
            "The order: age, bytes, client, connect, in, network, out or target.",
            valueName: "column"))
    var sort: ConnectionOrder?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard kill == nil || (network == nil && sort == nil) else {
            throw ValidationError("--kill ends one connection, whatever its network")
        }
    }

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            let list = network.map(APIPath.connections(of:)) ?? APIPath.connections
            let (method, path) =
                kill.map { (APIClient.Method.post, APIPath.kill($0)) } ?? (.get, list)
            let answer = try await runtime.client.fetch(ConnectionsReport.self, method, path)
            if let sort {
                let sorted = ConnectionsReport(connections: sort.sort(answer.report.connections))
                output.show(own: sorted, ConnectionsText.format)
            } else {
                output.show(answer, ConnectionsText.format)
            }
            return .healthy
        }
    }
}
