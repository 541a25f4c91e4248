/// Why there is no link to the dataplane.
enum LinkTrouble: Error, Equatable, Sendable {
    /// Nobody listens at its socket.
    case nobody(String)
    /// Somebody does, but no link came of it, for a reason of either side's.
    case refused(String)

    /// - Parameter path: the dataplane's control socket.
    func text(_ path: String) -> String {
        switch self {
        case .nobody(let reason): "no dataplane at \(path): \(reason)"
        case .refused(let reason):
            "the dataplane at \(path) is there, but cannot be linked: \(reason)"
        }
    }
}
