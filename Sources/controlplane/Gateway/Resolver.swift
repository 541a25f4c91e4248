internal import Glibc
internal import NIOPosix
internal import Protocol

/// Turns a gateway's name into an address.
enum Resolver {
    /// The first address of `host` as a literal; nil where it has none. A literal is its own
    /// address.
    ///
    /// getaddrinfo(3) waits for name servers, so it runs on a thread that may wait, not in Swift's
    /// pool.
    static func address(of host: String) async -> String? {
        if Address.parse(host) != nil { return host }
        return try? await NIOThreadPool.singleton.runIfActive { lookUp(host) }
    }

    private static func lookUp(_ host: String) -> String? {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &list) == 0, let first = unsafe list else {
            return nil
        }
        defer { unsafe freeaddrinfo(first) }
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let result = unsafe getnameinfo(
            first.pointee.ai_addr, first.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0,
            NI_NUMERICHOST)
        guard result == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
