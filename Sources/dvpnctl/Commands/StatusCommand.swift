internal import ArgumentParser
internal import FoundationEssentials
internal import Reports

/// `dvpnctl status`: everything at a glance.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the networks and the health of dvpn.",
        discussion:
            "Exits with 4 where a network is locked or held off, or something needs a person.")

    @OptionGroup var runtime: RuntimeOptions

    @Flag(help: "Print the report as JSON.")
    var json = false

    @Flag(help: "Show idle networks too, however many there are.")
    var all = false

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            let data = try await runtime.client.send(.get, APIPath.status)
            let report: StatusReport
            do {
                report = try ReportCoding.decode(StatusReport.self, from: data)
            } catch {
                throw .badAnswer("\(error)")
            }
            if json {
                Console.show(String(decoding: data, as: UTF8.self) + "\n")
            } else {
                Console.show(StatusText.format(report, now: Date(), showsAll: all))
            }
            return report.isHealthy ? .healthy : .degraded
        }
    }
}
