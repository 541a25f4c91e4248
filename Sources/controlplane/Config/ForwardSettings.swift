internal import Protocol

/// A static forward: a `[[forward]]`.
struct ForwardSettings: Hashable, Sendable {
    /// Where it listens.
    enum Listener: Hashable, Sendable {
        case tcp(Endpoint)
        /// - Parameters:
        ///   - mode: permission bits of the socket.
        ///   - group: the name of its group; nil: root's.
        case unix(path: String, mode: Int, group: String?)
    }

    /// Whom its connections reach.
    enum Target: Hashable, Sendable {
        case address(Address, Family)
        /// The far side looks it up.
        case name(String)
    }

    let listener: Listener
    var target: Target
    let port: UInt16
    let network: String

    /// Where the values of `listen`, `to` and `network` stand.
    let places: Places

    struct Places: Hashable, Sendable {
        let listen: SourcePosition
        let target: SourcePosition
        let network: SourcePosition
    }

    /// By this number the planes name it: the same for the same place to listen, so that the
    /// dataplane of an earlier life knows which is which.
    var id: UInt32 {
        let number = UInt32(truncatingIfNeeded: StableHash.of(listener.text))
        return number == 0 ? 1 : number
    }

    /// True where both do the same, wherever they stand.
    func isSame(as other: ForwardSettings) -> Bool {
        (listener, target, port, network) == (
            other.listener, other.target, other.port, other.network
        )
    }
}

extension ForwardSettings.Listener {
    /// As it is written: `127.0.0.1:25`, `[::1]:25` or a path.
    var text: String {
        switch self {
        case .tcp(let end) where end.family == .ipv6: "[\(end.address.text(.ipv6))]:\(end.port)"
        case .tcp(let end): "\(end.address.text(.ipv4)):\(end.port)"
        case .unix(let path, _, _): path
        }
    }
}
