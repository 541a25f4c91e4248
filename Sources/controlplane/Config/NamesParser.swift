internal import Protocol

/// Reads what a `[[network]]` says of its names: `domains` and `dns`.
struct NamesParser {
    let table: ConfigTable
    /// The network's; empty where they are missing or wrong.
    let prefixes: [Prefix]

    /// Lower case, in the order of the file.
    func domains(_ errors: inout [ConfigError]) -> [String] {
        guard let texts = table.strings("domains", &errors) else { return [] }
        var domains: [String] = []
        for (index, text) in texts {
            if let (message, hint) = DomainName.objection(to: text) {
                errors.append(table.complaint(inElement: index, of: "domains", message, hint: hint))
            } else {
                domains.append(DomainName.canonical(text))
            }
        }
        return domains
    }

    /// Addresses in their canonical form, in the order of the file.
    func nameServers(_ errors: inout [ConfigError]) -> [String] {
        guard let texts = table.strings("dns", &errors) else { return [] }
        var servers: [String] = []
        for (index, text) in texts {
            let objection: (message: String, hint: String?)?
            if let (address, family) = Address.parse(text), servers.contains(address.text(family)) {
                objection = ("\(text) is listed twice", nil)
            } else {
                objection = InnerAddress.objection(to: text, prefixes)
            }
            if let objection {
                errors.append(
                    table.complaint(
                        inElement: index, of: "dns", objection.message, hint: objection.hint))
            } else if let (address, family) = Address.parse(text) {
                servers.append(address.text(family))
            }
        }
        return servers
    }

    /// Domains need somebody to ask.
    func refuseMissingServers(_ via: ViaWord, _ errors: inout [ConfigError]) {
        guard table.has("domains"), !table.has("dns"), via != .direct, !via.tellsPushed else {
            return
        }
        let message = "`domains` needs `dns` with via = \"\(via.rawValue)\""
        let hint = "name the network's own server, such as dns = [\"10.1.2.53\"]"
        errors.append(table.complaint(onKey: "domains", message, hint: hint))
    }
}
