/// Where a tunnel client listens for connections that it is to carry.
public enum LocalSocket: Equatable, Sendable {
    /// A Unix socket. An empty path stands for "none".
    case path(SocketPath)
    /// A TCP port of the address `Limits.loopback`; never 0.
    case loopback(port: UInt16)

    /// Reads the field; nil, and the body refused, where it is not a socket.
    ///
    /// - Parameters:
    ///   - reader: stands at the field.
    ///   - kind: 0 for a Unix socket, 1 for a port.
    ///   - length: bytes of the field; exactly 2 for a port.
    @_noAllocation @_noLocks
    init?(decoding reader: inout BodyReader, kind: UInt8, length: Int) {
        switch kind {
        case 0:
            guard let path = SocketPath(decoding: &reader, length: length) else { return nil }
            self = .path(path)
        case 1:
            let port = reader.u16()
            guard length == 2, port != 0 else {
                reader.fail()
                return nil
            }
            self = .loopback(port: port)
        default:
            reader.fail()
            return nil
        }
    }

    /// The kind on the wire.
    var kind: UInt8 {
        @_noAllocation @_noLocks get {
            switch self {
            case .path: 0
            case .loopback: 1
            }
        }
    }

    /// Bytes of the field on the wire.
    var length: Int {
        @_noAllocation @_noLocks get {
            switch self {
            case .path(let path): path.count
            case .loopback: 2
            }
        }
    }

    /// Writes the field into an open frame.
    @_noAllocation @_noLocks
    func encode(into writer: inout FrameWriter) {
        switch self {
        case .path(let path): path.encode(into: &writer)
        case .loopback(let port): writer.put(port)
        }
    }
}
