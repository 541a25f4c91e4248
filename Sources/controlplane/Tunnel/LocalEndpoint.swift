internal import Protocol

/// Where a tunnel client listens on this host for the connections that it is to carry; it speaks
/// SOCKS5.
enum LocalEndpoint: Hashable, Sendable, CustomStringConvertible {
    /// A Unix socket, which its directory guards.
    case socket(path: String)
    /// A TCP port of `Limits.loopback`, which a firewall rule guards.
    case loopback(port: UInt16)

    /// As ssh takes it after `-D`: a path, or an address and a port.
    var description: String {
        switch self {
        case .socket(let path): path
        case .loopback(let port): "\(HostNames.loopback):\(port)"
        }
    }

    /// The port; nil for a Unix socket.
    var port: UInt16? {
        if case .loopback(let port) = self { port } else { nil }
    }

    /// The same for the dataplane; nil for a path that no socket can have.
    var wire: LocalSocket? {
        switch self {
        case .socket(let path): SocketPath(path).map { .path($0) }
        case .loopback(let port): .loopback(port: port)
        }
    }
}
