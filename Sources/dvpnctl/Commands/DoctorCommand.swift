internal import ArgumentParser
internal import FoundationEssentials
internal import NIOCore
internal import Reports

/// `dvpnctl doctor`: what on this host keeps dvpn from working well.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look for what keeps dvpn from working, and say what to do.",
        discussion: """
            Changes nothing. Where dvpn does not run, that is said first, then what is wrong with \
            its configuration, and the host is looked at all the same; exit status 3 then. \
            Exit status 4 where something is to be done.
            """)

    @OptionGroup var runtime: RuntimeOptions

    @Flag(name: .shortAndLong, help: "Only what is to be done, without notices.")
    var quiet = false

    @OptionGroup var resting: RestingOptions

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            do throws(ClientError) {
                // It runs tools, which may take their time on a busy host.
                let answer = try await runtime.client.fetch(
                    DoctorReport.self, .get, APIPath.doctor, timeout: .seconds(60))
                output.show(answer) { DoctorText.format($0, verbose: !quiet) }
                return answer.report.isHealthy ? .healthy : .degraded
            } catch {
                guard case .notRunning = error else { throw error }
                // Returns only where that program is not there.
                Companion.tryToBecome(
                    ["--doctor", "--runtime-dir", runtime.runtimeDir] + resting.arguments
                        + (quiet ? ["--quiet"] : []) + (output.json ? ["--json"] : []))
                throw error
            }
        }
    }
}
