internal import Protocol

/// Reads one `[[map]]`.
struct MapParser {
    let table: ConfigTable

    /// The settings, or nil after complaints.
    func parse(_ errors: inout [ConfigError]) -> MapSettings? {
        let countBefore = errors.count
        table.refuseUnknownKeys(&errors)
        table.require("file", hint: "write file = \"/etc/dvpn/gateways\", for one", &errors)
        let file = table.absolutePath("file", &errors)
        let length4 = table.integer("prefix4", in: ConfigDefaults.mapLength4Range, &errors)
        let length6 = table.integer("prefix6", in: ConfigDefaults.mapLength6Range, &errors)
        let idleMs = table.limit(
            "idle", in: ConfigDefaults.idleMsRange, default: ConfigDefaults.idleMs, &errors)
        let connect: Network.Connect? = table.choice("connect", &errors)
        let user = table.string("user", &errors) ?? ConfigDefaults.mapUser
        if !GatewayAddress.isUser(user) {
            errors.append(table.complaint("user", "\"\(user)\" is not a user name"))
        }
        var client = SSHParser(table: table).client(&errors)
        guard errors.count == countBefore, let file else { return nil }
        client.gateway = GatewayAddress(user: user, host: "", port: client.gateway.port)
        return MapSettings(
            file: file, prefixLength4: UInt8(length4 ?? ConfigDefaults.mapLength4),
            prefixLength6: UInt8(length6 ?? ConfigDefaults.mapLength6), idleMs: idleMs,
            connect: connect ?? .truthful, client: client,
            source: table.document.position(table.path))
    }
}
