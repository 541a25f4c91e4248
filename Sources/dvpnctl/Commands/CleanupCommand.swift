internal import ArgumentParser
internal import Glibc
internal import NIOCore
internal import Reports

/// `dvpnctl cleanup`: what the host looks like without dvpn, after one that is dead.
///
/// The controlplane's own executable does it: it knows what a controlplane makes.
struct CleanupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cleanup", abstract: "Take away what a dead dvpn left on this host.",
        discussion: """
            Routes, rules, nftables tables, dvpn0, settings of the kernel, resolv.conf, dnsmasq's files and \
            tunnel clients. Refused while dvpn runs: stopping dvpn.target cleans up by itself.
            """)

    /// Clients get time to say goodbye to their gateways.
    private static let seconds = 120

    @OptionGroup var runtime: RuntimeOptions
    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("What that dvpn remembered over reboots.", valueName: "dir"))
    var stateDir = "/var/lib/dvpn"

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            try await refuseWhereItRuns()
            guard geteuid() == 0 else {
                throw .here("only root may change the host's network", .notPermitted)
            }
            let end = try Child.run(
                Companion.path(Companion.controlplane),
                ["--cleanup", "--runtime-dir", runtime.runtimeDir, "--state-dir", stateDir],
                seconds: Self.seconds)
            guard end.status == 0 else {
                throw .here(end.text, ExitStatus(rawValue: end.status) ?? .failed)
            }
            let lines = end.text.split(separator: "\n").map(String.init)
            output.show(own: CleanupReport(log: lines)) { report in
                report.log.map { "\($0)\n" }.joined()
            }
            return .healthy
        }
    }

    private func refuseWhereItRuns() async throws(ClientError) {
        let status: StatusReport
        do throws(ClientError) {
            status = try await runtime.client.ask(StatusReport.self, .get, APIPath.status(limit: 0))
        } catch {
            guard case .notRunning = error else { throw error }
            return
        }
        throw .here(
            """
            dvpn is running (pid \(status.pid))
            stop it first, which cleans up as well: systemctl stop dvpn.target
            """)
    }
}
