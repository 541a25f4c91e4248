internal import ArgumentParser
internal import FoundationEssentials
internal import Reports

/// `dvpnctl wait`: returns once a packet to a private network would be dealt with, or once a network is
/// there.
struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait until dvpn runs and can dial, or until a network is up.",
        discussion: """
            It can dial when both its daemons are there; tunnels need not be up. With a name: until that \
            network is up, whoever dials it. Exit status 3 where dvpn does not run after that time, 4 where \
            the network needs a person or cannot be used now.
            """)

    @OptionGroup var runtime: RuntimeOptions
    @OptionGroup var output: OutputOptions

    @Option(
        help: ArgumentHelp("Give up after so many seconds; 0 looks once.", valueName: "seconds"))
    var timeout = 60

    @Argument(
        help: "The network that is to be up; without it none has to be.",
        completion: NetworkCompletion.kind)
    var name: String?

    func validate() throws {
        guard (0...86_400).contains(timeout) else {
            throw ValidationError("--timeout is 0 to 86400 seconds, not \(timeout)")
        }
    }

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            let begin = ContinuousClock.now
            let end = begin.advanced(by: .seconds(timeout))
            while true {
                let obstacle = try await look()
                if obstacle == nil || ContinuousClock.now >= end {
                    let waited = (ContinuousClock.now - begin) / .milliseconds(1)
                    output.end(
                        WaitReport(
                            ready: obstacle == nil, waitedMs: Int(waited),
                            reason: obstacle?.firstLine))
                    if let obstacle { throw obstacle }
                    return .healthy
                }
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Why it is not yet there; nil: it is. Throws what waiting would not change.
    private func look() async throws(ClientError) -> ClientError? {
        do throws(ClientError) {
            let status = try await runtime.client.ask(
                StatusReport.self, .get, APIPath.status(limit: 0))
            guard status.dataplane.connected else { return .here("the dataplane is not connected") }
            guard let name else { return nil }
            let report = try await runtime.client.ask(
                NetworksReport.self, .get, APIPath.network(name))
            return report.networks.first.flatMap(Self.obstacle)
        } catch {
            // Not yet there, or about to be restarted. Other answers will not change.
            guard case .notRunning = error else { throw error }
            return error
        }
    }

    static func obstacle(_ network: NetworkReport) -> ClientError? {
        let text = NetworkText.note(network, Date()) ?? NetworkText.line(network)
        let needsPerson = network.asks != nil || network.heldDown == true
        switch network.state {
        case .up, .routed:
            return nil
        case .idle, .dialling, .draining, .cleaning:
            return .here(text, needsPerson ? .degraded : .failed)
        case .holdoff, .locked, .released:
            return .here(text, .degraded)
        }
    }
}
