internal import Protocol

/// Whom a tunnel is made to: `user@host` and the port.
///
/// Each part is safe as an argument of a command: none can begin with `-`.
struct GatewayAddress: Hashable, Sendable, CustomStringConvertible {
    /// Why a text is no gateway.
    enum TextError: Error, Equatable {
        case noUser
        case user(String)
        /// Neither a host name nor an address.
        case host(String)
        /// A port behind the host, where none belongs.
        case port(host: String, port: String)
    }

    let user: String

    /// A name, or an address without brackets.
    let host: String

    /// 1...65535.
    let port: Int

    /// As ssh(1) takes it, with the port only where it is not 22.
    var description: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return port == ConfigDefaults.sshPort ? "\(user)@\(host)" : "\(user)@\(host):\(port)"
    }

    /// Reads `user@name`, `user@192.0.2.1`, `user@2001:db8::1` or `user@[2001:db8::1]`.
    static func parse(_ text: String) throws(TextError) -> (user: String, host: String) {
        guard let at = text.lastIndex(of: "@") else { throw .noUser }
        let user = String(text[..<at])
        let host = String(text[text.index(after: at)...])
        guard !user.isEmpty else { throw .noUser }
        guard isUser(user) else { throw .user(user) }
        if host.hasPrefix("["), let end = host.lastIndex(of: "]") {
            let inner = String(host[host.index(after: host.startIndex)..<end])
            let rest = host[host.index(after: end)...]
            guard Address.parse(inner)?.family == .ipv6 else { throw .host(host) }
            if rest.hasPrefix(":") { throw .port(host: inner, port: String(rest.dropFirst())) }
            guard rest.isEmpty else { throw .host(host) }
            return (user, inner)
        }
        if Address.parse(host) != nil { return (user, host) }
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2, UInt16(parts[1]) != nil {
            throw .port(host: String(parts[0]), port: String(parts[1]))
        }
        guard isHostName(host) else { throw .host(host) }
        return (user, host)
    }

    /// A portable user name, and what directory services add to it.
    private static func isUser(_ text: String) -> Bool {
        text.utf8.count <= 64 && text.first != "-"
            && text.utf8.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
    }

    /// A host name of RFC 1123 section 2.1. One that ends in a number would be a wrong address.
    private static func isHostName(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let last = labels.last, Int(last) == nil, text.utf8.count <= 253 else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { isAlphanumeric($0) || "-_".utf8.contains($0) }
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }
}
