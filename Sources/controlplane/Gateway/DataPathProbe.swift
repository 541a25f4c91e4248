internal import Glibc
internal import Protocol

/// Sends what a host behind a tunnel answers: an echo request (RFC 792, RFC 4443) and a query to
/// its name server, if it is one. Any packet that comes back shows that the tunnel carries.
enum DataPathProbe {
    /// - Parameters:
    ///   - target: an address literal.
    ///   - device: the tunnel's; nothing is sent on another one.
    static func send(to target: String, through device: String) {
        guard let (address, family) = Address.parse(target) else { return }
        let echo =
            family == .ipv4
            ? (IPPROTO_ICMP, echoRequest(type: 8)) : (IPPROTO_ICMPV6, echoRequest(type: 128))
        send(echo.1, SOCK_RAW, Int32(echo.0), 0, address, family, device)
        send(rootQuery, SOCK_DGRAM, 0, 53, address, family, device)
    }

    /// With no identifier and no data; for IPv6 the kernel writes the checksum.
    private static func echoRequest(type: UInt8) -> [UInt8] {
        [type, 0, ~type, 0xff, 0, 0, 0, 0]
    }

    /// "Who serves the root?" (RFC 1035, section 4).
    private static let rootQuery: [UInt8] = [
        0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1,
    ]

    private static func send(
        _ bytes: [UInt8], _ type: __socket_type, _ ipProtocol: Int32, _ port: UInt16,
        _ address: Address, _ family: Family, _ device: String
    ) {
        let raw = socket(
            family == .ipv4 ? AF_INET : AF_INET6,
            Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue),
            ipProtocol)
        guard raw >= 0 else { return }
        defer { close(raw) }
        let bound = unsafe setsockopt(
            raw, SOL_SOCKET, SO_BINDTODEVICE, device, socklen_t(device.utf8.count))
        // Netfilter knows by it that this is no use of the tunnel.
        var mark = HostNames.probeMark
        let marked = unsafe setsockopt(
            raw, SOL_SOCKET, SO_MARK, &mark, socklen_t(MemoryLayout<UInt32>.size))
        guard bound == 0, marked == 0 else { return }
        var target = KernelAddress(address, family, port: port)
        _ = unsafe target.withPointer { pointer, length in
            unsafe sendto(raw, bytes, bytes.count, 0, pointer, length)
        }
    }
}
