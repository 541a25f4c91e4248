internal import Protocol

/// Reads one `[[network]]`. What concerns several networks at once is `ConfigParser`'s.
struct NetworkParser {
    let table: ConfigTable

    /// The network, or nil after complaints that leave nothing to go on with.
    func parse(_ errors: inout [ConfigError]) -> Network? {
        let countBefore = errors.count
        table.refuseUnknownKeys(&errors)
        table.require("name", hint: "write name = \"home\", for one", &errors)
        table.require("prefixes", hint: "write prefixes = [\"10.1.2.0/24\"], for one", &errors)
        table.require("via", hint: "write via = \"ssh\" or via = \"direct\"", &errors)
        let name = name(&errors)
        let prefixes = prefixes(&errors)
        let connect = table.choice(
            "connect", ["truthful": Network.Connect.truthful, "eager": .eager], &errors)
        let via = via(&errors)
        guard errors.count == countBefore, let name, let prefixes, let via else { return nil }
        return Network(
            name: name, prefixes: prefixes.sorted(), via: via, connect: connect ?? .truthful,
            source: table.document.position(table.path))
    }

    private func name(_ errors: inout [ConfigError]) -> String? {
        guard let name = table.string("name", &errors) else { return nil }
        let isAllowed = name.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
        }
        guard isAllowed, !name.hasPrefix("-"), (1...32).contains(name.utf8.count) else {
            let message = "\"\(name)\" is not a network name"
            let hint = "1 to 32 of a-z, 0-9 and -, not beginning with -"
            errors.append(table.complaint("name", message, hint: hint))
            return nil
        }
        return name
    }

    private func prefixes(_ errors: inout [ConfigError]) -> [Prefix]? {
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
        return prefixes
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

    private func via(_ errors: inout [ConfigError]) -> Network.Via? {
        let via = table.choice(
            "via", ["ssh": true, "direct": false], unsupported: ["vpnc", "openconnect", "command"],
            &errors)
        guard via != false else {
            for key in ["gateway", "idle", "ssh"] where table.has(key) {
                let message = "`\(key)` means nothing with via = \"direct\""
                errors.append(
                    table.complaint(onKey: key, message, hint: "remove it or write via = \"ssh\""))
            }
            return .direct
        }
        if via == true {
            table.require("gateway", hint: "write gateway = \"user@host\"", &errors)
        }
        let settings = SSHParser(table: table).parse(&errors)
        return via == true ? settings.map { .ssh($0) } : nil
    }
}
