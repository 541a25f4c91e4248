/// The back end for any other program: it makes the configured device, by whatever means.
struct Command: ClientProgram {
    let client: CommandClient

    /// The program's name without its path.
    var name: String { String(client.start.first?.split(separator: "/").last ?? "command") }
    var device: String { client.device }
    var host: String? { client.host }
    var readiness: ClientReadiness { .condition(client.ready) }
    var stopCommand: [String] { client.stop }
    var mayLeave: Bool { true }
    /// What it writes may be more than a log.
    var fileBytesMax: UInt64 { 64 << 20 }

    func command(
        _ surroundings: ClientSurroundings, secrets: [SecretValue]
    ) throws(Failure) -> ClientCommand {
        guard let program = client.start.first else {
            throw Failure(.configuration, "there is no start command")
        }
        return ClientCommand(
            executable: program, arguments: Array(client.start.dropFirst()),
            environment: Self.environment(device: client.device, address: surroundings.address))
    }

    /// What start, stop and ready commands may want to know.
    static func environment(device: String, address: String?) -> [String] {
        ["DVPN_DEVICE=\(device)"] + (address.map { ["DVPN_GATEWAY=\($0)"] } ?? [])
    }

    /// EX_NOPERM of sysexits.h: the one status by which a program can say that its credentials were
    /// refused.
    static let refused: Int32 = 77

    /// No words of it are known: the last line has to do.
    func failure(log: String, exit: ProcessExit, wasReady: Bool) -> Failure {
        let last = OutputRule.lines(log).last
        let kind: Failure.Kind = wasReady ? .lost : .unknown
        let when = wasReady ? "while the tunnel stood" : "before the tunnel was up"
        return switch exit {
        case .signal(let number):
            Failure(.killed, "\(name) was ended by signal \(number), not by dvpn", evidence: last)
        case .status(Self.refused):
            Failure(
                .authentication,
                "\(name) ended with status \(Self.refused): its credentials were refused",
                evidence: last)
        case .status(let status):
            Failure(kind, "\(name) ended with status \(status) \(when)", evidence: last)
        case .unknown:
            Failure(kind, "\(name) ended \(when)", evidence: last)
        }
    }
}
