/// Where masters offer their dynamic forward.
enum SSHForward: String, Hashable, Sendable, CaseIterable {
    /// On Unix sockets.
    case socket
    /// On ports of `Limits.loopback`, for an ssh that does not take a path after `-D`.
    case loopback

    /// Something for a dry run: a path and a port that no master gets. Ports below 1024 would be
    /// refused to everybody but root.
    func sample(runtime: String) -> LocalEndpoint {
        switch self {
        case .socket: .socket(path: "\(SSHPaths.socketDirectory(runtime))/probe")
        case .loopback: .loopback(port: .max)
        }
    }
}
