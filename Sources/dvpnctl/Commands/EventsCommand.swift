internal import ArgumentParser
internal import FoundationEssentials
internal import Reports

/// `dvpnctl events`: what happened, and what happens.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Show what happened of late.",
        discussion: """
            The last 1,000 events since the controlplane's start; the journal has all of them, \
            and connections that have ended.
            """)

    @OptionGroup var runtime: RuntimeOptions

    @Flag(name: .shortAndLong, help: "Go on with what happens from now on.")
    var follow = false

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("So many of the last ones.", valueName: "number"))
    var lines = 50

    @Option(
        help: ArgumentHelp("Only those about one network.", valueName: "name"),
        completion: NetworkCompletion.kind)
    var network: String?

    @Flag(help: "Print each event as one line of JSON.")
    var json = false

    func validate() throws {
        guard lines >= 0 else { throw ValidationError("--lines cannot be negative") }
    }

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            let report = try await runtime.client.ask(EventsReport.self, .get, APIPath.events)
            let wanted = report.events.filter(isWanted)
            if wanted.isEmpty, let network {
                // Who misspells a name shall not wait for its events; what a network that is no more
                // has left behind can be asked for.
                _ = try await runtime.client.ask(
                    NetworksReport.self, .get, APIPath.network(network))
            }
            for event in wanted.suffix(lines) { show(event) }
            guard follow else { return .healthy }
            try await runtime.client.follow(after: report.events.last?.id ?? 0) { event in
                if isWanted(event) { show(event) }
            }
            return .healthy
        }
    }

    private func isWanted(_ event: EventReport) -> Bool {
        network.map { event.networks.contains($0) } ?? true
    }

    private func show(_ event: EventReport) {
        guard json else { return Console.show(EventText.line(event)) }
        guard let data = try? ReportCoding.encode(EventLine(event)) else { return }
        Console.show(String(decoding: data, as: UTF8.self) + "\n")
    }
}
