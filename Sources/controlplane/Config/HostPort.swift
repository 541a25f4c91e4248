internal import Protocol

/// A host and perhaps a port, as gateways are written: `vpn.example`, `192.0.2.1:443`, `2001:db8::1`
/// or `[2001:db8::1]:443`.
struct HostPort: Equatable, Sendable {
    /// The text is neither a host name nor an address.
    struct NoHost: Error, Equatable {
        let text: String
    }

    /// A name, or an address without brackets. It cannot be taken for an option of a command.
    let host: String

    /// The digits behind the host, of any length; nil where there are none.
    let port: String?

    init(_ text: String) throws(NoHost) {
        if text.hasPrefix("["), let end = text.lastIndex(of: "]") {
            let inner = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            guard Address.parse(inner)?.family == .ipv6 else { throw NoHost(text: text) }
            host = inner
            port = rest.isEmpty ? nil : try Self.digits(rest.dropFirst(), rest, text)
            return
        }
        // The colons of an address without brackets are its own.
        if Address.parse(text) != nil {
            (host, port) = (text, nil)
            return
        }
        let name = text[..<(text.utf8.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex)]
        let rest = text[name.endIndex...]
        guard HostName.isValid(name) || Address.parse(String(name)) != nil else {
            throw NoHost(text: text)
        }
        host = String(name)
        port = rest.isEmpty ? nil : try Self.digits(rest.dropFirst(), rest, text)
    }

    private static func digits(
        _ digits: Substring, _ rest: Substring, _ text: String
    ) throws(NoHost) -> String {
        let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard rest.hasPrefix(":"), isNumber else { throw NoHost(text: text) }
        return String(digits)
    }
}
