internal import ArgumentParser
internal import NIOCore
internal import Reports

/// `dvpnctl up NAME`: dials now and waits for the outcome.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Bring a network's tunnel up and wait until it is.")

    @OptionGroup var runtime: RuntimeOptions
    @Argument(help: "The network's name.") var name: String

    func run() async throws {
        try await change(name, .up, runtime)
    }
}

/// `dvpnctl down NAME`: closes the tunnel, which then stays down until `up`.
struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Take a network's tunnel down. It stays down until `dvpnctl up`.")

    @OptionGroup var runtime: RuntimeOptions
    @Argument(help: "The network's name.") var name: String

    func run() async throws {
        try await change(name, .down, runtime)
    }
}

/// `dvpnctl unlock NAME`: after the credentials are in order again.
struct UnlockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock",
        abstract: "Let a network be dialled again whose credentials were refused.")

    @OptionGroup var runtime: RuntimeOptions
    @Argument(help: "The network's name.") var name: String

    func run() async throws {
        try await change(name, .unlock, runtime)
    }
}

/// Longer than any dial may take: a slow answer is the tunnel's, not the controlplane's.
private let changeTimeout = TimeAmount.minutes(3)

private func change(
    _ name: String, _ verb: APIPath.Verb, _ runtime: RuntimeOptions
) async throws {
    try await Console.run { () async throws(ClientError) in
        let report = try await runtime.client.ask(
            NetworksReport.self, .post, APIPath.network(name, verb), timeout: changeTimeout)
        Console.show(report.networks.map(NetworkText.line).joined())
        return .healthy
    }
}
