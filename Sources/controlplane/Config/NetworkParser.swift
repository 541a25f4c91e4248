internal import Protocol

/// Reads one `[[network]]`. What concerns several networks at once is `NetworkLedger`'s.
struct NetworkParser {
    let table: ConfigTable

    /// The network, or nil after complaints that leave nothing to go on with.
    func parse(_ errors: inout [ConfigError]) -> Network? {
        let countBefore = errors.count
        table.refuseUnknownKeys(&errors)
        table.require("name", hint: "write name = \"home\", for one", &errors)
        table.require("prefixes", hint: "write prefixes = [\"10.1.2.0/24\"], for one", &errors)
        table.require("via", hint: "write via = \"ssh\", for one", &errors)
        let name = name(&errors)
        let prefixes = prefixes(&errors)
        let connect: Network.Connect? = table.choice("connect", &errors)
        guard let via: ViaWord = table.choice("via", &errors) else { return nil }
        refuseMeaningless(via, &errors)
        let idleMs = table.limit(
            "idle", in: ConfigDefaults.idleMsRange, default: ConfigDefaults.idleMs, &errors)
        let promptMs = table.duration("prompt-timeout", in: ConfigDefaults.promptMsRange, &errors)
        let tunnel = client(via, network: name ?? "", &errors).map {
            TunnelSettings(
                idleMs: idleMs, client: $0, promptMs: promptMs ?? ConfigDefaults.promptMs)
        }
        let names = NamesParser(table: table, prefixes: prefixes ?? [])
        let packets =
            via.hasDevice
            ? PacketParser(table: table, prefixes: prefixes ?? [])
                .parse(device: tunnel?.device ?? "", &errors) : nil
        let blockedPorts = blockedPorts(&errors)
        let (domains, nameServers) = (names.domains(&errors), names.nameServers(&errors))
        names.refuseMissingServers(via, &errors)
        guard errors.count == countBefore, let name, let prefixes else { return nil }
        return Network(
            name: name, prefixes: prefixes.sorted(), via: tunnel.map { .tunnel($0) } ?? .direct,
            connect: connect ?? .truthful, source: table.document.position(table.path),
            packets: packets, domains: domains, nameServers: nameServers,
            holdMs: tunnel?.promptMs.map { $0 + ConfigDefaults.dialMs }, blockedPorts: blockedPorts)
    }

    private func blockedPorts(_ errors: inout [ConfigError]) -> [UInt16] {
        guard let value = table.values["block-ports"] else { return [] }
        guard case .array(let elements) = value else {
            let message = "`block-ports` must be an array of ports, not \(value.kind)"
            errors.append(table.complaint("block-ports", message, hint: "write [139, 445]"))
            return []
        }
        var ports: Set<UInt16> = []
        for (index, element) in elements.enumerated() {
            if case .integer(let number) = element, let port = UInt16(exactly: number), port > 0 {
                ports.insert(port)
            } else {
                let range = ConfigDefaults.portRange
                let message = "a port is a number from \(range.lowerBound) to \(range.upperBound)"
                errors.append(table.complaint(inElement: index, of: "block-ports", message))
            }
        }
        return ports.sorted()
    }

    private func refuseMeaningless(_ via: ViaWord, _ errors: inout [ConfigError]) {
        for key in table.values.keys {
            guard let remedy = via.remedy(for: key) else { continue }
            let message = "`\(key)` means nothing with via = \"\(via.rawValue)\""
            errors.append(table.complaint(onKey: key, message, hint: remedy))
        }
    }

    /// The client; nil where none is needed, or after complaints.
    private func client(
        _ via: ViaWord, network: String, _ errors: inout [ConfigError]
    ) -> TunnelSettings.Client? {
        let device = InterfaceName.ofTunnel(network: network)
        return switch via {
        case .ssh: SSHParser(table: table).parse(&errors).map { .ssh($0) }
        case .vpnc: VPNCParser(table: table).parse(device: device, &errors).map { .vpnc($0) }
        case .openconnect:
            OpenConnectParser(table: table).parse(device: device, &errors)
                .map { .openconnect($0) }
        case .command:
            CommandParser(table: table).parse(device: device, &errors).map { .command($0) }
        case .direct: nil
        }
    }

    private func name(_ errors: inout [ConfigError]) -> String? {
        guard let name = table.string("name", &errors) else { return nil }
        guard NetworkName.isValid(name) else {
            let message = "\"\(name)\" is not a network name"
            let hint = "1 to 32 of a-z, 0-9 and -, not beginning with -"
            errors.append(table.complaint("name", message, hint: hint))
            return nil
        }
        return name
    }

    /// Nil also where only some of them are wrong: nothing can be compared with the rest.
    private func prefixes(_ errors: inout [ConfigError]) -> [Prefix]? {
        let countBefore = errors.count
        guard let texts = table.strings("prefixes", &errors) else { return nil }
        if case .array(let elements) = table.values["prefixes"], elements.isEmpty {
            errors.append(table.complaint("prefixes", "`prefixes` is empty"))
        }
        var prefixes: [Prefix] = []
        for (index, text) in texts {
            do throws(Prefix.TextError) {
                let prefix = try Prefix(text: text)
                if let (message, hint) = PrefixRules.objection(to: prefix) {
                    errors.append(
                        table.complaint(inElement: index, of: "prefixes", message, hint: hint))
                } else {
                    prefixes.append(prefix)
                }
            } catch {
                let (message, hint) = Self.explain(error, text)
                errors.append(
                    table.complaint(inElement: index, of: "prefixes", message, hint: hint))
            }
        }
        return errors.count == countBefore ? prefixes : nil
    }

    private static func explain(_ error: Prefix.TextError, _ text: String) -> (String, String?) {
        switch error {
        case .noLength(let meant):
            ("\(text) has no length", "did you mean \(meant.text)?")
        case .address:
            ("\"\(text)\" is not a prefix", "write it like 10.1.2.0/24 or 2001:db8::/32")
        case .length(let bits):
            ("the length in \(text) must be from 0 to \(bits)", nil)
        case .hostBits(let meant):
            ("\(text) has host bits set", "did you mean \(meant.text)?")
        }
    }
}
