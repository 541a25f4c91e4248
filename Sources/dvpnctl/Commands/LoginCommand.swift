internal import ArgumentParser
internal import NIOCore
internal import Reports

/// `dvpnctl login NAME`: dials, and answers what the dial asks for.
struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Bring a network up, and give it the password or code that it asks for.",
        discussion: """
            Asks on the terminal without showing what is typed, or reads a line of standard input \
            for each question if that is no terminal; ends when somebody else has answered. Waits \
            until the tunnel is up.
            """)

    /// A password, a code, another code; whoever asks on is not content with anything.
    private static let questionsMax = 5
    /// Longer than any dial may take that waits for a person.
    private static let timeout = TimeAmount.minutes(11)

    @OptionGroup var runtime: RuntimeOptions
    @OptionGroup var output: OutputOptions
    @Flag(help: "Answer that there will be no answer: whoever waits for the network is told.")
    var refuse = false
    @Argument(help: "The network's name.", completion: NetworkCompletion.kind) var name: String

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            let answer =
                refuse
                ? try await ask(.post, APIPath.network(name, .refuse)) : try await questioned()
            output.show(answer) { $0.networks.map(NetworkText.line).joined() }
            return .healthy
        }
    }

    /// The network as it is once it asks no more.
    private func questioned() async throws(ClientError) -> Answer<NetworksReport> {
        var answer = try await ask(.get, APIPath.network(name))
        // Nobody has dialled it yet, so that nobody asks: the dial comes back with the question.
        if Self.prompt(answer) == nil { answer = try await ask(.post, APIPath.network(name, .up)) }
        var questions = 0
        while let prompt = Self.prompt(answer) {
            questions += 1
            guard questions <= Self.questionsMax else {
                throw .here("network \(name) asks again and again: \(prompt)", .degraded)
            }
            switch await SecretInput.read(prompt: prompt, while: { await isAsked(prompt) }) {
            case .line(let secret):
                answer = try await ask(.post, APIPath.secret(name), secret)
            case .nothing:
                throw .here("nothing was entered")
            case .notNeeded:
                Console.complain("dvpnctl: this is not asked any more\n")
                answer = try await ask(.get, APIPath.network(name))
                // Somebody else has answered, and the dial goes on: what it comes to is waited for.
                if answer.report.networks.first?.state == .dialling, Self.prompt(answer) == nil {
                    answer = try await ask(.post, APIPath.network(name, .up))
                }
                guard Self.prompt(answer) != nil || answer.report.networks.first?.state == .up
                else {
                    throw .here("network \(name) is not up: whoever was asked did not answer")
                }
            }
        }
        return answer
    }

    private func ask(
        _ method: APIClient.Method, _ path: String, _ body: String? = nil
    ) async throws(ClientError) -> Answer<NetworksReport> {
        try await runtime.client.fetch(
            NetworksReport.self, method, path, body: body, timeout: Self.timeout)
    }

    private static func prompt(_ answer: Answer<NetworksReport>) -> String? {
        answer.report.networks.first?.asks
    }

    /// Also when nobody can be asked: the answer will tell why.
    private func isAsked(_ prompt: String) async -> Bool {
        guard let answer = try? await ask(.get, APIPath.network(name)) else { return true }
        return Self.prompt(answer) == prompt
    }
}
