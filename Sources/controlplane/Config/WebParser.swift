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
        let tls = tls(&errors)
        let hasTLS = table.has("certificate") || table.has("key")
        guard hasTLS || WebSettings.isLoopback(address, family) else {
            let hint =
                "give it `certificate` and `key`, or let ssh -L or a proxy with TLS lead to 127.0.0.1"
            let message = "\"\(text)\" can be reached from elsewhere, and there is no TLS"
            errors.append(table.complaint("listen", message, hint: hint))
            return nil
        }
        guard !["0.0.0.0", "::"].contains(address.text(family)) else {
            let message = "\"\(text)\" is every address of this host"
            errors.append(
                table.complaint("listen", message, hint: "write the one that is to be asked"))
            return nil
        }
        let names = names(&errors)
        guard let token, token != .ask else { return nil }
        return WebSettings(
            address: address, family: family, port: port, token: token, tls: tls,
            names: names)
    }

    /// Both files, or neither.
    private func tls(_ errors: inout [ConfigError]) -> WebSettings.TLS? {
        for (key, other) in [("certificate", "key"), ("key", "certificate")]
        where table.has(key) && !table.has(other) {
            errors.append(table.complaint(onKey: key, "`\(key)` needs `\(other)` beside it"))
        }
        let certificate = table.absolutePath("certificate", &errors)
        let key = table.absolutePath("key", &errors)
        guard let certificate, let key else { return nil }
        return WebSettings.TLS(certificate: certificate, key: key)
    }

    private func names(_ errors: inout [ConfigError]) -> [String] {
        (table.strings("names", &errors) ?? []).compactMap { index, text in
            guard HostName.isValid(text) else {
                let message = "\"\(text)\" is not a host's name"
                errors.append(table.complaint(inElement: index, of: "names", message))
                return nil
            }
            return text.lowercased()
        }
    }
}
