internal import Glibc
internal import Protocol

/// Asks a host behind a tunnel what it answers: an echo request (RFC 792, RFC 4443), and a query in
/// case it is a name server.
final class DataPathProbe {
    /// Whether it has ever answered.
    private(set) var hasAnswered = false

    private let family: Family
    /// Raw ICMP and UDP to port 53, both connected: they hear of nobody else.
    private let echo: Descriptor?
    private let query: Descriptor?

    /// - Parameters:
    ///   - target: an address literal; nothing is ever asked of another word.
    ///   - device: the tunnel's; nothing is sent on another one.
    init(_ target: String, _ device: String) {
        guard let (address, family) = Address.parse(target) else {
            (self.family, echo, query) = (.ipv4, nil, nil)
            return
        }
        let icmp = family == .ipv4 ? IPPROTO_ICMP : Int(IPPROTO_ICMPV6)
        self.family = family
        echo = Self.socket(SOCK_RAW, Int32(icmp), address, family, port: 0, device)
        query = Self.socket(SOCK_DGRAM, 0, address, family, port: 53, device)
    }

    /// Sends one of each.
    func ask() {
        send(echo, [family == .ipv4 ? Self.echoRequest4 : Self.echoRequest6, 0, 0, 0, 0, 0, 0, 0])
        send(query, Self.rootQuery)
    }

    /// Takes in what has come.
    func listen() {
        var bytes = [UInt8](repeating: 0, count: 2_048)
        while let count = receive(echo, &bytes) {
            // Before an IPv4 message there is its packet's header, of as many words as that says.
            let start = family == .ipv4 ? 4 * Int(bytes[0] & 15) : 0
            let reply = family == .ipv4 ? Self.echoReply4 : Self.echoReply6
            if count > start && bytes[start] == reply { hasAnswered = true }
        }
        // That there is no name server is an answer, too.
        while receive(query, &bytes) != nil || errno == ECONNREFUSED { hasAnswered = true }
    }

    private static let (echoRequest4, echoReply4) = (UInt8(8), UInt8(0))
    private static let (echoRequest6, echoReply6) = (UInt8(128), UInt8(129))

    /// "Who serves the root?" (RFC 1035, section 4).
    private static let rootQuery: [UInt8] = [
        0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1,
    ]

    private func send(_ socket: Descriptor?, _ bytes: [UInt8]) {
        guard let socket else { return }
        var bytes = bytes
        // With no identifier and no data the sum is the type's; for IPv6 the kernel writes it.
        if socket === echo && family == .ipv4 { (bytes[2], bytes[3]) = (~bytes[0], 0xff) }
        _ = unsafe Glibc.send(socket.raw, bytes, bytes.count, 0)
    }

    private func receive(_ socket: Descriptor?, _ bytes: inout [UInt8]) -> Int? {
        errno = 0
        guard let socket else { return nil }
        let count = unsafe recv(socket.raw, &bytes, bytes.count, 0)
        return count >= 0 ? count : nil
    }

    private static func socket(
        _ type: __socket_type, _ ipProtocol: Int32, _ address: Address, _ family: Family,
        port: UInt16, _ device: String
    ) -> Descriptor? {
        let raw = Glibc.socket(
            family == .ipv4 ? AF_INET : AF_INET6,
            Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue),
            ipProtocol)
        guard raw >= 0 else { return nil }
        let socket = Descriptor(adopting: raw)
        let bound = unsafe setsockopt(
            raw, SOL_SOCKET, SO_BINDTODEVICE, device, socklen_t(device.utf8.count))
        // Netfilter knows by it that this is no use of the tunnel.
        var mark = HostNames.probeMark
        let marked = unsafe setsockopt(
            raw, SOL_SOCKET, SO_MARK, &mark, socklen_t(MemoryLayout<UInt32>.size))
        guard bound == 0, marked == 0 else { return nil }
        var target = KernelAddress(address, family, port: port)
        let connected = unsafe target.withPointer { unsafe connect(raw, $0, $1) }
        return connected == 0 ? socket : nil
    }
}
