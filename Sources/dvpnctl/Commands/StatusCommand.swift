internal import ArgumentParser
internal import FoundationEssentials
internal import Reports

/// `dvpnctl status`: everything at a glance.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the networks and the health of dvpn.",
        discussion:
            "Exits with 4 where a network is locked, held off or asks, or something needs a person."
    )

    @OptionGroup var runtime: RuntimeOptions

    @OptionGroup var output: OutputOptions

    @Flag(help: "Show idle networks too, however many there are.")
    var all = false

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            let path =
                output.json || all ? APIPath.status : APIPath.status(limit: StatusText.askedMax)
            let answer = try await runtime.client.fetch(StatusReport.self, .get, path)
            output.show(answer) { StatusText.format($0, now: Date(), showsAll: all) }
            return answer.report.isHealthy ? .healthy : .degraded
        }
    }
}
