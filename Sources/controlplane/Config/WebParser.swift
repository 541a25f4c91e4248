internal import Protocol

/// Reads `[web]`.
struct WebParser {
    let table: ConfigTable

    /// nil after complaints.
    func parse(_ errors: inout [ConfigError]) -> WebSettings? {
        table.refuseUnknownKeys(&errors)
        let example = "write listen = \"127.0.0.1:9876\""
        table.require("listen", hint: example, &errors)
        let token = SecretParser(table: table).parse("token", &errors)
        if token == .ask {
            let message = "a page's token cannot be asked for"
            errors.append(table.complaint("token", isSecret: true, message))
        }
        guard let text = table.string("listen", &errors) else { return nil }
        guard let place = try? HostPort(text), let (address, family) = Address.parse(place.host),
            let port = place.port.flatMap({ Int($0) }), ConfigDefaults.portRange.contains(port)
        else {
            let message = "\"\(text)\" is not an address with a port"
            errors.append(table.complaint("listen", message, hint: example))
            return nil
        }
        guard Self.isLoopback(address, family) else {
            let hint = "let ssh -L or a proxy with TLS lead to 127.0.0.1"
            let message = "\"\(text)\" can be reached from elsewhere, and the page speaks no TLS"
            errors.append(table.complaint("listen", message, hint: hint))
            return nil
        }
        guard let token, token != .ask else { return nil }
        return WebSettings(address: address, family: family, port: port, token: token)
    }

    private static func isLoopback(_ address: Address, _ family: Family) -> Bool {
        address.text(family) == "::1" || family == .ipv4 && address.text(family).hasPrefix("127.")
    }
}
