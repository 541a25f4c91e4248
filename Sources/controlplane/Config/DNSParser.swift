internal import Protocol

/// Reads `[dns]`.
struct DNSParser {
    let table: ConfigTable

    /// The settings, with defaults in place of what was complained about.
    func parse(_ errors: inout [ConfigError]) -> DNSSettings {
        var settings = DNSSettings()
        table.refuseUnknownKeys(&errors)
        let mode = table.choice(
            "mode",
            [
                "none": DNSSettings.Mode.none, "drop-in": .dropIn, "dbus": .dbus,
                "managed": .managed,
            ], &errors)
        settings.mode = mode ?? .none
        if mode != nil || !table.has("mode") { refuseForeignKeys(settings.mode, &errors) }
        let host = table.choice(
            "host",
            ["none": DNSSettings.Host.none, "dnsmasq": .dnsmasq, "resolved": .resolved], &errors)
        settings.host = host ?? .none
        settings.listen = addresses("listen", "192.168.77.1", &errors) { listener($0) }
        settings.upstream = addresses("upstream", "203.0.113.1", &errors) {
            Nameserver(text: $0)
        }
        if mode == .managed {
            table.require("listen", hint: "write listen = [\"192.168.77.1\"], for one", &errors)
        }
        if host == .dnsmasq && settings.mode == .none && (mode != nil || !table.has("mode")) {
            let hint = "write mode = \"managed\", \"drop-in\" or \"dbus\""
            errors.append(
                table.complaint("host", "host = \"dnsmasq\" needs a mode", hint: hint))
        }
        let ranges = ConfigDefaults.portRange
        settings.port = table.integer("port", in: ranges, &errors) ?? settings.port
        settings.forwarderPort =
            table.integer("forwarder-port", in: ranges, &errors) ?? settings.forwarderPort
        settings.dropIn = path("drop-in", &errors) ?? settings.dropIn
        settings.systemConfig = path("config", &errors) ?? settings.systemConfig
        settings.pidFile = path("pid-file", &errors) ?? settings.pidFile
        settings.restart = command("restart", &errors) ?? settings.restart
        return settings
    }

    /// A key of another mode is a mistake: whoever wrote it expects something of it.
    private func refuseForeignKeys(_ mode: DNSSettings.Mode, _ errors: inout [ConfigError]) {
        let owners: KeyValuePairs<String, DNSSettings.Mode> = [
            "listen": .managed, "upstream": .managed, "port": .managed, "drop-in": .dropIn,
            "config": .dropIn, "pid-file": .dropIn, "restart": .dropIn,
        ]
        for (key, owner) in owners where table.has(key) && owner != mode {
            // Whoever asks systemd-resolved may name whom the gateways' own names come from.
            if key == "upstream" && table.values["host"] == .string("resolved") { continue }
            let word = owner == .managed ? "managed" : "drop-in"
            let message = "`\(key)` means nothing without mode = \"\(word)\""
            errors.append(table.complaint(onKey: key, message))
        }
    }

    private func addresses<Result>(
        _ key: String, _ example: String, _ errors: inout [ConfigError],
        _ read: (String) -> Result?
    ) -> [Result] {
        guard let texts = table.strings(key, &errors) else { return [] }
        if case .array(let elements) = table.values[key], elements.isEmpty {
            errors.append(table.complaint(key, "`\(key)` is empty"))
        }
        return texts.compactMap { index, text in
            if let result = read(text) { return result }
            let message = "\"\(text)\" is not an address that `\(key)` can have"
            errors.append(
                table.complaint(
                    inElement: index, of: key, message, hint: "write it like \(example)"))
            return nil
        }
    }

    /// An address, but not the one that means all of them: that would be an open resolver.
    private func listener(_ text: String) -> String? {
        guard let (address, family) = Address.parse(text), address != Address(high: 0, low: 0)
        else { return nil }
        return address.text(family)
    }

    private func path(_ key: String, _ errors: inout [ConfigError]) -> String? {
        guard let path = table.string(key, &errors) else { return nil }
        if let objection = Self.objection(toPath: path) {
            errors.append(table.complaint(key, "`\(key)` must \(objection)"))
            return nil
        }
        return path
    }

    private func command(_ key: String, _ errors: inout [ConfigError]) -> [String]? {
        guard let texts = table.strings(key, &errors) else { return nil }
        let words = texts.map(\.text)
        guard let program = words.first, !program.isEmpty else {
            let hint = "write restart = [\"systemctl\", \"restart\", \"dnsmasq\"], for one"
            errors.append(table.complaint(key, "`\(key)` names no program", hint: hint))
            return nil
        }
        return words
    }

    /// dnsmasq reads its files by lines, in which `#` behind a space begins a comment.
    private static func objection(toPath path: String) -> String? {
        if !path.hasPrefix("/") || path.hasSuffix("/") {
            return "be the absolute path of a file"
        }
        let isPlain = path.unicodeScalars.allSatisfy { scalar in
            scalar.value > 0x20 && !"\"#,\\".unicodeScalars.contains(scalar)
        }
        return isPlain ? nil : "not have a space, quote, comma, # or backslash in it"
    }
}
