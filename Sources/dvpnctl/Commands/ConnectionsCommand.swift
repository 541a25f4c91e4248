internal import ArgumentParser
internal import FoundationEssentials
internal import Reports

/// `dvpnctl connections`: who talks to whom.
struct ConnectionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections", abstract: "List the connections that are open now.")

    @OptionGroup var runtime: RuntimeOptions

    @Option(help: ArgumentHelp("Only those of one network.", valueName: "name"))
    var network: String?

    @Flag(help: "Print the report as JSON.")
    var json = false

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            let path = network.map(APIPath.connections(of:)) ?? APIPath.connections
            if json {
                let data = try await runtime.client.send(.get, path)
                Console.show(String(decoding: data, as: UTF8.self) + "\n")
            } else {
                let report = try await runtime.client.ask(ConnectionsReport.self, .get, path)
                Console.show(ConnectionsText.format(report))
            }
            return .healthy
        }
    }
}
