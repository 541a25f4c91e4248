internal import ArgumentParser
internal import NIOCore
internal import Reports

/// `dvpnctl login NAME`: answers what the network's dial asks for.
struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Give a network the password or code that it asks for.",
        discussion: """
            Asks on the terminal without showing what is typed, or reads one line of standard input \
            if that is no terminal. Waits until the tunnel is up.
            """)

    @OptionGroup var runtime: RuntimeOptions
    @Argument(help: "The network's name.") var name: String

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            let before = try await runtime.client.ask(
                NetworksReport.self, .get, APIPath.network(name))
            let prompt = before.networks.first?.asks ?? "Secret for \(name)"
            guard let secret = SecretInput.read(prompt: prompt) else {
                Console.complain("dvpnctl: nothing was entered\n")
                return .failed
            }
            let report = try await runtime.client.ask(
                NetworksReport.self, .post, APIPath.secret(name), body: secret,
                timeout: .minutes(3))
            Console.show(report.networks.map(NetworkText.line).joined())
            return .healthy
        }
    }
}
