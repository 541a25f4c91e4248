internal import ArgumentParser
internal import NIOCore
internal import Reports

/// `dvpnctl login NAME`: answers what the network's dial asks for.
struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Give a network the password or code that it asks for.",
        discussion: """
            Brings the network up if nobody has wanted it yet. Asks on the terminal without showing what \
            is typed, or reads one line of standard input if that is no terminal; ends when somebody \
            else has answered. Waits until the tunnel is up.
            """)

    @OptionGroup var runtime: RuntimeOptions
    @Argument(help: "The network's name.") var name: String
    @Flag(help: "Answer that there will be no answer: whoever waits for the network is told.")
    var refuse = false

    /// Longer than any dial may take.
    private static let timeout = TimeAmount.minutes(11)

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            if refuse {
                show(try await change(.refuse))
                return .healthy
            }
            var report = try await ask()
            if report.networks.first?.asks == nil { report = try await change(.up) }
            guard let prompt = report.networks.first?.asks else {
                show(report)
                return .healthy
            }
            switch await SecretInput.read(prompt: prompt, while: { await isAsked(prompt) }) {
            case .line(let secret):
                show(
                    try await runtime.client.ask(
                        NetworksReport.self, .post, APIPath.secret(name), body: secret,
                        timeout: Self.timeout))
                return .healthy
            case .nothing:
                Console.complain("dvpnctl: nothing was entered\n")
                return .failed
            case .notNeeded:
                Console.complain("dvpnctl: this is not asked any more\n")
                let report = try await ask()
                show(report)
                return report.networks.first?.state == .up ? .healthy : .failed
            }
        }
    }

    private func ask() async throws(ClientError) -> NetworksReport {
        try await runtime.client.ask(NetworksReport.self, .get, APIPath.network(name))
    }

    private func change(_ verb: APIPath.Verb) async throws(ClientError) -> NetworksReport {
        try await runtime.client.ask(
            NetworksReport.self, .post, APIPath.network(name, verb), timeout: Self.timeout)
    }

    private func show(_ report: NetworksReport) {
        Console.show(report.networks.map(NetworkText.line).joined())
    }

    /// Also when nobody can be asked: the answer will tell why.
    private func isAsked(_ prompt: String) async -> Bool {
        guard let report = try? await ask() else { return true }
        return report.networks.first?.asks == prompt
    }
}
