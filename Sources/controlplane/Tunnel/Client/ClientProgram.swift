/// A program that makes a tunnel with a device: what it is told, and what its words mean. Pure.
protocol ClientProgram: Sendable {
    /// The program's name, for messages.
    var name: String { get }
    /// The tunnel's device.
    var device: String { get }
    /// The gateway's name or address; nil where only the program knows.
    var host: String? { get }
    /// What must be known before it can dial, in the order of `command`'s `secrets`.
    var secrets: [SecretRequest] { get }
    var readiness: ClientReadiness { get }
    /// A foreign script that our own calls, in whose place our own configures nothing.
    var foreignScript: String? { get }
    /// Milliseconds from the end of one run to the beginning of the next.
    var restMs: Int64 { get }
    /// Milliseconds that it may take to end when it is asked.
    var graceMs: Int64 { get }
    /// Ends a tunnel that the program left standing; empty where it never does.
    var stopCommand: [String] { get }
    /// The program may end with status 0 and leave its tunnel standing, with a device that may have
    /// been there before it.
    var mayLeave: Bool { get }
    /// No file may grow beyond this through the program, in bytes; its log is one.
    var fileBytesMax: UInt64 { get }

    /// - Throws: what the program would misunderstand.
    func command(
        _ surroundings: ClientSurroundings, secrets: [SecretValue]
    ) throws(Failure) -> ClientCommand

    /// What it waits for on its standard input, from what it has printed; nil while it waits for
    /// nothing. Matters only where its command `takesAnswers`.
    func question(log: String) -> ClientQuestion?

    /// Why it ended.
    func failure(log: String, exit: ProcessExit, wasReady: Bool) -> Failure
}

extension ClientProgram {
    var secrets: [SecretRequest] { [] }
    var foreignScript: String? { nil }
    var restMs: Int64 { 0 }
    var graceMs: Int64 { 5_000 }
    var stopCommand: [String] { [] }
    var mayLeave: Bool { false }
    var fileBytesMax: UInt64 { UInt64(LogFile.bytesMax) }
    func question(log: String) -> ClientQuestion? { nil }
    /// The gateway as messages call it.
    var place: String { host ?? name }
}

/// When a client's tunnel counts as up.
enum ClientReadiness: Equatable, Sendable {
    /// Our script has reported and, where there is one, the pid file is not empty.
    case report(pidFile: Bool)
    /// A condition of the configuration, whatever the program is.
    case condition(CommandClient.Ready)
}
