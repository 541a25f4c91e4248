/// Something about the configuration that a person should know and that is no mistake.
struct ConfigNotice: Hashable, Sendable, CustomStringConvertible {
    let position: SourcePosition

    /// One sentence without a full stop.
    let message: String

    var description: String { "\(position): notice: \(message)" }
}
