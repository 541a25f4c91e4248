internal import Glibc
internal import Protocol

/// How the packets that carry a tunnel leave this host, as the kernel decides now.
struct CarrierPath: Equatable, Sendable {
    /// Our own address on that path.
    let address: String
    /// The largest packet that it takes, as far as is known.
    let mtu: Int?

    init(address: String, mtu: Int?) {
        self.address = address
        self.mtu = mtu
    }

    /// Asks the kernel by connecting a UDP socket, which sends nothing (udp(7), ip(7)); nil where
    /// there is no way.
    init?(to literal: String) {
        guard let (target, family) = Address.parse(literal) else { return nil }
        let domain = family == .ipv4 ? AF_INET : AF_INET6
        let raw = socket(domain, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { return nil }
        let descriptor = Descriptor(adopting: raw)
        guard Self.connect(descriptor.raw, target, family),
            let address = Self.localAddress(descriptor.raw, family)
        else { return nil }
        var mtu: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        let known =
            unsafe family == .ipv4
            ? getsockopt(descriptor.raw, Int32(IPPROTO_IP), IP_MTU, &mtu, &length)
            : getsockopt(descriptor.raw, Int32(IPPROTO_IPV6), IPV6_MTU, &mtu, &length)
        self.init(address: address, mtu: known == 0 && mtu > 0 ? Int(mtu) : nil)
    }

    /// Any port does: nothing is sent to it.
    private static let port: UInt16 = 9

    private static func connect(_ socket: Int32, _ target: Address, _ family: Family) -> Bool {
        if family == .ipv4 {
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_port = port.bigEndian
            name.sin_addr.s_addr = UInt32(truncatingIfNeeded: target.high >> 32).bigEndian
            return unsafe withUnsafePointer(to: &name) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            } == 0
        }
        var name = sockaddr_in6()
        name.sin6_family = sa_family_t(AF_INET6)
        name.sin6_port = port.bigEndian
        unsafe withUnsafeMutableBytes(of: &name.sin6_addr) { bytes in
            unsafe bytes.storeBytes(of: target.high.bigEndian, as: UInt64.self)
            unsafe bytes.storeBytes(of: target.low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return unsafe withUnsafePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        } == 0
    }

    private static func localAddress(_ socket: Int32, _ family: Family) -> String? {
        var name = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = unsafe withUnsafeMutablePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(socket, $0, &length)
            }
        }
        guard result == 0 else { return nil }
        return unsafe withUnsafeBytes(of: &name) { bytes in
            // sin_addr is 4 bytes into sockaddr_in, sin6_addr 8 into sockaddr_in6.
            if family == .ipv4 {
                let word = unsafe UInt32(bigEndian: bytes.load(fromByteOffset: 4, as: UInt32.self))
                return Address(ipv4: word).text(family)
            }
            let high = unsafe UInt64(bigEndian: bytes.load(fromByteOffset: 8, as: UInt64.self))
            let low = unsafe UInt64(bigEndian: bytes.load(fromByteOffset: 16, as: UInt64.self))
            return Address(high: high, low: low).text(family)
        }
    }
}
