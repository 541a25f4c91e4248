internal import ArgumentParser
internal import NIOCore
internal import Reports

/// `dvpnctl up NAME`: dials now and waits for the outcome.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Bring a network's tunnel up and wait until it is.",
        discussion: """
            Exit status 4 where it asks for a password or code first: `dvpnctl login` gives it.
            """)

    @OptionGroup var change: NetworkChange

    func run() async throws {
        try await change.make(.up)
    }
}

/// `dvpnctl down NAME`: closes the tunnel, which then stays down until `up`.
struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Take a network's tunnel down. It stays down until `dvpnctl up`.")

    @OptionGroup var change: NetworkChange

    func run() async throws {
        try await change.make(.down)
    }
}

/// `dvpnctl unlock NAME`: after the credentials are in order again.
struct UnlockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock",
        abstract: "Let a network be dialled again whose credentials were refused.")

    @OptionGroup var change: NetworkChange

    func run() async throws {
        try await change.make(.unlock)
    }
}

/// `dvpnctl release NAME`: in the office the network is there without a tunnel.
struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Leave a network to the host's own routes, as in the office.",
        discussion: """
            Its tunnel ends; routes, redirection, guard and names of it are taken from the host, so that \
            nothing keeps its packets from the public network. `dvpnctl resume`, a reload and a reboot end \
            that.
            """)

    @OptionGroup var change: NetworkChange

    func run() async throws {
        try await change.make(.release)
    }
}

/// `dvpnctl resume NAME`: the network is dvpn's again.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Take a released network back; the next packet dials.")

    @OptionGroup var change: NetworkChange

    func run() async throws {
        try await change.make(.resume)
    }
}

/// What can be done to a network by its name.
struct NetworkChange: ParsableArguments {
    /// Longer than any dial may take: a slow answer is the tunnel's, not the controlplane's.
    static let timeout = TimeAmount.minutes(3)

    @OptionGroup var runtime: RuntimeOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The network's name.", completion: NetworkCompletion.kind) var name: String

    /// Does it, and shows the network as it is then.
    func make(_ verb: APIPath.Verb) async throws {
        try await Console.run { () async throws(ClientError) in
            let answer = try await runtime.client.fetch(
                NetworksReport.self, .post, APIPath.network(name, verb), timeout: Self.timeout)
            output.show(answer) { $0.networks.map(NetworkText.line).joined() }
            guard verb == .up, let prompt = answer.report.networks.lazy.compactMap(\.asks).first
            else { return .healthy }
            // The text for people has said it; what reads JSON may show a person this line.
            if output.json {
                Console.complain(
                    "dvpnctl: \(name) asks: \(prompt)\nanswer with: dvpnctl login \(name)\n")
            }
            return .degraded
        }
    }
}
