/// A place where a forward cannot listen.
struct ForwardFailure: Error, Hashable, Sendable, CustomStringConvertible {
    let place: SourcePosition
    let message: String
    let fix: String?

    /// In one line, for a log.
    var description: String {
        "\(place): error: \(message)" + (fix.map { "; \($0)" } ?? "")
    }
}
