internal import ArgumentParser
internal import NIOCore
internal import Reports

/// `dvpnctl login NAME`: dials, and answers what the network asks for.
struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Bring a network up, and give it the password or code that it asks for.",
        discussion: """
            Asks on the terminal without showing what is typed, or reads a line of standard input \
            for each question if that is no terminal. Waits until the tunnel is up.
            """)

    /// A password, a code, another code; whoever asks on is not content with anything.
    private static let questionsMax = 5

    @OptionGroup var runtime: RuntimeOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The network's name.", completion: NetworkCompletion.kind) var name: String

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            var answer = try await ask(.get, APIPath.network(name))
            // Nobody has dialled it yet, so that nobody asks: the dial comes back with the question.
            if Self.prompt(answer) == nil {
                answer = try await ask(.post, APIPath.network(name, .up))
            }
            var questions = 0
            while let prompt = Self.prompt(answer) {
                questions += 1
                guard questions <= Self.questionsMax else {
                    throw .here("network \(name) asks again and again: \(prompt)", .degraded)
                }
                guard let secret = SecretInput.read(prompt: prompt) else {
                    throw .here("nothing was entered")
                }
                answer = try await ask(.post, APIPath.secret(name), secret)
            }
            output.show(answer) { $0.networks.map(NetworkText.line).joined() }
            return .healthy
        }
    }

    private func ask(
        _ method: APIClient.Method, _ path: String, _ body: String? = nil
    ) async throws(ClientError) -> Answer<NetworksReport> {
        try await runtime.client.fetch(
            NetworksReport.self, method, path, body: body, timeout: NetworkChange.timeout)
    }

    private static func prompt(_ answer: Answer<NetworksReport>) -> String? {
        answer.report.networks.first?.asks
    }
}
