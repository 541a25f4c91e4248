internal import ArgumentParser
internal import FoundationEssentials
internal import Reports

/// `dvpnctl parked`: who waits for a tunnel, and for how long yet.
struct ParkedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parked", abstract: "List what waits for a tunnel.")

    @OptionGroup var runtime: RuntimeOptions
    @OptionGroup var output: OutputOptions

    @Option(
        help: ArgumentHelp("Only what waits for one network.", valueName: "name"),
        completion: NetworkCompletion.kind)
    var network: String?

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            let path = network.map(APIPath.parked(of:)) ?? APIPath.parked
            let answer = try await runtime.client.fetch(ParkedReport.self, .get, path)
            output.show(answer) { ParkedText.format($0, now: Date()) }
            return .healthy
        }
    }
}
