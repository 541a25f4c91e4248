internal import ArgumentParser
internal import FoundationEssentials
internal import Reports

/// `dvpnctl connections`: who talks to whom.
struct ConnectionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections", abstract: "List the connections that are open now, or end one.")

    @OptionGroup var runtime: RuntimeOptions

    @Option(help: ArgumentHelp("Only those of one network.", valueName: "name"))
    var network: String?

    @Option(
        help: ArgumentHelp(
            "End the connection of this ID, with a reset to both sides.", valueName: "id"))
    var kill: String?

    @Flag(help: "Print the report as JSON.")
    var json = false

    func validate() throws {
        guard kill == nil || network == nil else {
            throw ValidationError("--kill ends one connection, whatever its network")
        }
    }

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            let list = network.map(APIPath.connections(of:)) ?? APIPath.connections
            let (method, path) =
                kill.map { (APIClient.Method.post, APIPath.kill($0)) } ?? (.get, list)
            if json {
                let data = try await runtime.client.send(method, path)
                Console.show(String(decoding: data, as: UTF8.self) + "\n")
            } else {
                let report = try await runtime.client.ask(ConnectionsReport.self, method, path)
                Console.show(ConnectionsText.format(report))
            }
            return .healthy
        }
    }
}
