internal import Glibc
internal import Protocol

/// Ports for programs that cannot be told to take a free one and say which.
enum LoopbackPort {
    /// A TCP port that nobody has just now: the kernel's choice for bind(2) to port 0. Whoever is to
    /// use it may still come too late.
    ///
    /// - Parameter address: an IPv4 address of this host, in host order.
    static func free(on address: UInt32 = Limits.loopback) throws(ProcessError) -> UInt16 {
        let raw = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let socket = Descriptor(adopting: try ProcessError.check(raw, "make a socket"))
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = address.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // SAFETY: a sockaddr_in begins like every sockaddr, and the length is its own.
        let result = unsafe withUnsafeMutablePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(socket.raw, $0, length) == 0 ? getsockname(socket.raw, $0, &length) : -1
            }
        }
        guard result == 0 else { throw ProcessError(attempt: "find a free port", code: errno) }
        return UInt16(bigEndian: name.sin_port)
    }
}
