internal import ArgumentParser
internal import NIOCore
internal import Reports

/// `dvpnctl check`: is the configuration right? Needs no running dvpn.
///
/// The controlplane's own executable judges, so that the two can never be of different opinions. With
/// --diff it is the running one, which alone knows what is in force.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check a configuration without touching anything.",
        discussion: "Exit status 78 where it has mistakes.")

    static let standardConfig = "/etc/dvpn/dvpn.toml"

    @OptionGroup var runtime: RuntimeOptions
    @OptionGroup var output: OutputOptions

    @Option(
        help: ArgumentHelp(
            "The main file of the configuration; /etc/dvpn/dvpn.toml unless it is said.",
            valueName: "file"))
    var config: String?

    @Flag(help: "Show what a reload would change of the running dvpn.")
    var diff = false

    func validate() throws {
        guard !diff || config == nil else {
            throw ValidationError("--diff is about the running dvpn, which knows its own --config")
        }
    }

    func run() async throws {
        if diff {
            return try await Console.run { () async throws(ClientError) in
                let answer = try await runtime.client.fetch(
                    ReloadReport.self, .get, APIPath.changes, timeout: .minutes(1))
                output.show(answer, ReloadText.preview)
                return .healthy
            }
        }
        try Companion.become(
            ["--check", "--config", config ?? Self.standardConfig]
                + (output.json ? ["--json"] : []),
            "which checks the configuration")
    }
}
