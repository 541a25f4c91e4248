internal import Protocol

/// Reads how a `[[network]]` whose tunnel has a device carries packets.
struct PacketParser {
    let table: ConfigTable
    /// The network's; empty where they are missing or wrong.
    let prefixes: [Prefix]

    func parse(device: String, _ errors: inout [ConfigError]) -> PacketSettings {
        var settings = PacketSettings(device: device)
        settings.tcp = table.choice("tcp", &errors) ?? settings.tcp
        refuseEagerRoutes(settings.tcp, &errors)
        settings.acceptsPushed = table.boolean("accept-pushed", &errors) ?? false
        settings.probe = probe(&errors)
        settings.stallMs = table.limit(
            "stall", in: ConfigDefaults.stallMsRange, default: ConfigDefaults.stallMs, &errors)
        guard let filters = table.table("filter", as: .filter, &errors) else { return settings }
        filters.refuseUnknownKeys(&errors)
        let parser = FilterParser(table: filters)
        settings.start = parser.parse("start", &errors) ?? settings.start
        settings.pass = parser.parse("pass", &errors) ?? settings.pass
        settings.keepUp = parser.parse("keep-up", &errors) ?? settings.keepUp
        return settings
    }

    private func refuseEagerRoutes(_ tcp: PacketSettings.TCP, _ errors: inout [ConfigError]) {
        guard tcp == .route, case .string("eager") = table.values["connect"] else { return }
        let message = "connect = \"eager\" means nothing with tcp = \"route\""
        let hint = "remove one of them: the kernel carries routed connections"
        errors.append(table.complaint("connect", message, hint: hint))
    }

    private func probe(_ errors: inout [ConfigError]) -> String? {
        guard let text = table.string("probe", &errors) else { return nil }
        if let (message, hint) = InnerAddress.objection(to: text, prefixes) {
            errors.append(table.complaint("probe", message, hint: hint))
            return nil
        }
        return Address.parse(text).map { $0.address.text($0.family) }
    }
}
