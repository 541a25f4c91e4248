internal import ArgumentParser
internal import Reports

/// `dvpnctl wait`: returns once a packet to a private network would be dealt with.
struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Wait until dvpn runs and can dial.",
        discussion: "That is when both its daemons are there. Tunnels need not be up.")

    @OptionGroup var runtime: RuntimeOptions

    @Option(help: ArgumentHelp("Give up after so many seconds.", valueName: "seconds"))
    var timeout = 60

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            let end = ContinuousClock.now.advanced(by: .seconds(timeout))
            while true {
                var problem: ClientError?
                do throws(ClientError) {
                    let report = try await runtime.client.ask(
                        StatusReport.self, .get, APIPath.status)
                    if report.dataplane.connected { return .healthy }
                } catch {
                    // Not yet there, or about to be restarted. Other answers will not change.
                    guard case .notRunning = error else { throw error }
                    problem = error
                }
                guard ContinuousClock.now < end else {
                    if let problem { throw problem }
                    Console.complain("dvpnctl: the dataplane is not connected\n")
                    return .failed
                }
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
    }
}
