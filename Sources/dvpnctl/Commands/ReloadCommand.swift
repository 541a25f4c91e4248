internal import ArgumentParser
internal import NIOCore
internal import Reports

/// `dvpnctl reload`: the same as SIGHUP, but it tells what came of it.
struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Read the configuration again and apply what has changed.",
        discussion:
            "With mistakes in it nothing changes: they are shown, and the exit status is 78.")

    @OptionGroup var runtime: RuntimeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            let answer = try await runtime.client.fetch(
                ReloadReport.self, .post, APIPath.reload, timeout: .minutes(1))
            output.show(answer, ReloadText.format)
            return .healthy
        }
    }
}
