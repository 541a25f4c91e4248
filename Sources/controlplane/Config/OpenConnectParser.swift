/// Reads what a `[[network]]` says of its tunnel through openconnect: its gateway and
/// `[network.openconnect]`.
struct OpenConnectParser {
    /// The words of openconnect's `--protocol` (openconnect 9), the default first.
    private static let protocols = [
        "anyconnect", "nc", "gp", "pulse", "f5", "fortinet", "array",
    ]

    let table: ConfigTable

    /// The client; nil after complaints that leave nothing to go on with.
    func parse(device: String, _ errors: inout [ConfigError]) -> OpenConnectClient? {
        table.require("gateway", hint: "write gateway = \"vpn.corp.example\", for one", &errors)
        table.require(
            "openconnect", hint: "[network.openconnect] has username and password", &errors)
        let gateway = GatewayParser(table: table, via: .openconnect).parse(&errors)
        guard let inner = table.table("openconnect", as: .openconnect, &errors) else { return nil }
        inner.refuseUnknownKeys(&errors)
        inner.require("username", hint: "write username = \"rob\", for one", &errors)
        let protocolName = inner.word("protocol", of: Self.protocols, &errors)
        let username = inner.line("username", &errors)
        let password = SecretParser(table: inner).parse("password", &errors)
        let certificate = certificate(inner, &errors)
        let script = inner.script(&errors)
        guard let gateway, let username, let password else { return nil }
        return OpenConnectClient(
            host: gateway.host, port: gateway.port ?? ConfigDefaults.openConnectPort,
            device: device, protocolName: protocolName ?? Self.protocols[0],
            username: username, password: password, serverCertificate: certificate, script: script)
    }

    /// A pin of RFC 7469: the SHA-256 of the public key, 32 bytes in base64.
    private func certificate(_ inner: ConfigTable, _ errors: inout [ConfigError]) -> String? {
        guard let text = inner.string("server-cert", &errors) else { return nil }
        let digits = text.dropFirst("pin-sha256:".count)
        let isPin =
            text.hasPrefix("pin-sha256:") && digits.utf8.count == 44 && digits.hasSuffix("=")
            && digits.utf8.dropLast().allSatisfy { $0.isAlphanumeric || "+/".utf8.contains($0) }
        guard isPin else {
            let message = "\"\(text)\" is not the pin of a certificate"
            let hint = "openconnect prints it as pin-sha256: and 44 characters"
            errors.append(inner.complaint("server-cert", message, hint: hint))
            return nil
        }
        return text
    }
}
