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
        let place: HostPort
        do { place = try HostPort(host) } catch { throw .host(host) }
        guard let port = place.port else { return (user, place.host) }
        throw UInt16(port) == nil ? .host(host) : .port(host: place.host, port: port)
    }

    /// A portable user name, and what directory services add to it.
    static func isUser(_ text: String) -> Bool {
        text.utf8.count <= 64 && text.first != "-"
            && text.utf8.allSatisfy { $0.isAlphanumeric || "._-".utf8.contains($0) }
    }
}
