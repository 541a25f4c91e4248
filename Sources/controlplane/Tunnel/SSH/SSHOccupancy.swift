internal import Protocol

/// How many connections stand on each master's endpoint, from `/proc/net/unix` and `/proc/net/tcp`.
///
/// ssh does not tell, and the dataplane counts by network; but every accepted connection of a
/// listening socket is listed with the listener's path or port.
enum SSHOccupancy {
    /// - Returns: the number of connections of each endpoint that is a Unix socket.
    static func count(procNetUnix: String, _ endpoints: [UInt32: LocalEndpoint]) -> [UInt32: Int] {
        var counts: [String: Int] = [:]
        for line in procNetUnix.split(separator: "\n") {
            // Num: RefCount Protocol Flags Type St Inode Path
            guard let start = line.firstIndex(of: "/") else { continue }
            let fields = line[..<start].split(separator: " ")
            // __SO_ACCEPTCON marks the listener itself.
            guard fields.count >= 6, let flags = UInt32(fields[3], radix: 16), flags & 0x1_0000 == 0
            else { continue }
            counts[String(line[start...]), default: 0] += 1
        }
        return endpoints.compactMapValues { endpoint in
            if case .socket(let path) = endpoint { counts[path] ?? 0 } else { nil }
        }
    }

    /// - Returns: the number of connections of each endpoint that is a port.
    static func count(procNetTCP: String, _ endpoints: [UInt32: LocalEndpoint]) -> [UInt32: Int] {
        var counts: [UInt16: Int] = [:]
        for socket in sockets(procNetTCP) where socket.isServed {
            counts[socket.port, default: 0] += 1
        }
        return endpoints.compactMapValues { endpoint in endpoint.port.map { counts[$0] ?? 0 } }
    }

    /// Whether a user, and nobody else, listens on a port of `Limits.loopback`.
    static func listens(procNetTCP: String, port: UInt16, user: UInt32) -> Bool {
        let listeners = sockets(procNetTCP).filter { $0.port == port && $0.state == .listen }
        return !listeners.isEmpty && listeners.allSatisfy { $0.user == user }
    }

    /// A socket whose own address is `Limits.loopback`.
    private struct Socket {
        /// The states of tcp(7), by the kernel's numbers.
        enum State: UInt8 {
            case established = 1
            case synSent
            case synReceived
            case finWait1
            case finWait2
            case timeWait
            case close
            case closeWait
            case lastAck
            case listen
            case closing
            case newSynReceived
        }

        let port: UInt16
        let state: State
        let user: UInt32
        /// Whether a program holds it; also false while it waits to be accepted.
        let isHeld: Bool

        /// Whether it is a connection that ssh has, or will have in a moment.
        var isServed: Bool {
            switch state {
            case .established, .synReceived, .newSynReceived, .closeWait: true
            // ssh has ended its own direction: the other one may go on as long as ssh holds it.
            case .finWait1, .finWait2: isHeld
            case .synSent, .timeWait, .close, .lastAck, .listen, .closing: false
            }
        }
    }

    private static func sockets(_ procNetTCP: String) -> [Socket] {
        // The kernel prints the address as a number of this machine's byte order.
        let digits = String(Limits.loopback.bigEndian, radix: 16, uppercase: true)
        let own = String(repeating: "0", count: 8 - digits.count) + digits + ":"
        return procNetTCP.split(separator: "\n").compactMap { line in
            // sl local remote st queues timer retransmits uid timeout inode
            let fields = line.split(separator: " ", maxSplits: 10)
            guard fields.count >= 10, fields[1].hasPrefix(own),
                let port = UInt16(fields[1].dropFirst(own.count), radix: 16),
                let state = UInt8(fields[3], radix: 16).flatMap(Socket.State.init),
                let user = UInt32(fields[7])
            else { return nil }
            return Socket(port: port, state: state, user: user, isHeld: fields[9] != "0")
        }
    }
}
