internal import Glibc
internal import NIOPosix
internal import Protocol

/// Turns a gateway's name into an address.
enum Resolver {
    /// The first address of `host` as a literal; nil where it has none. A literal is its own
    /// address.
    ///
    /// - Parameter isIPv4Preferred: an IPv6 address only where there is no other; otherwise the
    ///   order is the system's (gai.conf(5)).
    ///
    /// getaddrinfo(3) waits for name servers, so it runs on a thread that may wait, not in Swift's
    /// pool.
    static func address(of host: String, isIPv4Preferred: Bool = false) async -> String? {
        if Address.parse(host) != nil { return host }
        return try? await NIOThreadPool.singleton.runIfActive {
            lookUp(host, isIPv4Preferred)
        }
    }

    private static func lookUp(_ host: String, _ isIPv4Preferred: Bool) -> String? {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &list) == 0, let first = unsafe list else {
            return nil
        }
        defer { unsafe freeaddrinfo(first) }
        var chosen = unsafe first
        while isIPv4Preferred, unsafe chosen.pointee.ai_family != AF_INET,
            let next = unsafe chosen.pointee.ai_next
        { unsafe chosen = next }
        if isIPv4Preferred, unsafe chosen.pointee.ai_family != AF_INET { unsafe chosen = first }
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let result = unsafe getnameinfo(
            chosen.pointee.ai_addr, chosen.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0,
            NI_NUMERICHOST)
        guard result == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
