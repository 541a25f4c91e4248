internal import Protocol

/// What networks must not share, and where it was first given: names, prefixes, domains, devices;
/// and what they must share because there is only so much of it.
///
/// Looks at the texts again where it can, so that a network with another mistake takes part as well.
struct NetworkLedger {
    private var names: [String: SourcePosition] = [:]
    private var prefixes: [Prefix: Entry] = [:]
    private var domains: [String: Entry] = [:]
    private var devices: [String: Entry] = [:]
    private var startFilters: Set<PacketFilter> = []

    private struct Entry {
        /// The network in words.
        let owner: String
        let position: SourcePosition
    }

    /// Complains about what an earlier network has already.
    ///
    /// - Parameter network: nil where the table has other mistakes.
    mutating func enter(_ table: ConfigTable, _ network: Network?, _ errors: inout [ConfigError]) {
        enterName(table, &errors)
        enterPrefixes(table, &errors)
        enterDomains(table, &errors)
        guard let packets = network?.packets else { return }
        enterDevice(packets.device, table, &errors)
        startFilters.insert(packets.start)
        guard startFilters.count > ConfigDefaults.startFiltersMax else { return }
        startFilters.remove(packets.start)
        let message =
            "more than \(ConfigDefaults.startFiltersMax) different `start` filters are configured"
        let path = table.path.appending("filter").appending("start")
        errors.append(table.document.error(at: path, onKey: true, message))
    }

    /// The device's network, where it is a tunnel's.
    func owner(ofDevice device: String) -> String? { devices[device]?.owner }

    private mutating func enterName(_ table: ConfigTable, _ errors: inout [ConfigError]) {
        guard case .string(let name) = table.values["name"] else { return }
        if let earlier = names[name] {
            let message = "the network name \"\(name)\" is already used at \(earlier)"
            errors.append(table.complaint("name", message, hint: "each network needs its own name"))
        } else {
            names[name] = table.position("name")
        }
    }

    private mutating func enterPrefixes(_ table: ConfigTable, _ errors: inout [ConfigError]) {
        for (index, text) in Self.texts(table, "prefixes") {
            guard let prefix = try? Prefix(text: text) else { continue }
            let entry = Self.entry(table, "prefixes", index)
            guard let earlier = prefixes.updateValue(entry, forKey: prefix) else { continue }
            prefixes[prefix] = earlier
            let message =
                "\(prefix.text) is already a prefix of \(earlier.owner) at \(earlier.position)"
            let hint = "a prefix belongs to one network; a longer one inside it may be another's"
            errors.append(table.complaint(inElement: index, of: "prefixes", message, hint: hint))
        }
    }

    private mutating func enterDomains(_ table: ConfigTable, _ errors: inout [ConfigError]) {
        for (index, text) in Self.texts(table, "domains") {
            guard DomainName.objection(to: text) == nil else { continue }
            let domain = DomainName.canonical(text)
            let entry = Self.entry(table, "domains", index)
            guard let earlier = domains.updateValue(entry, forKey: domain) else { continue }
            domains[domain] = earlier
            let message = "\(domain) is already a domain of \(earlier.owner) at \(earlier.position)"
            let hint = "a domain belongs to one network; a longer one inside it may be another's"
            errors.append(table.complaint(inElement: index, of: "domains", message, hint: hint))
        }
    }

    private mutating func enterDevice(
        _ device: String, _ table: ConfigTable, _ errors: inout [ConfigError]
    ) {
        let chosen = table.path.appending("command").appending("device")
        let isChosen = InterfaceName.ofTunnel(network: Self.name(table)) != device
        let path = isChosen ? chosen : table.path.appending("name")
        let entry = Entry(owner: Self.owner(table), position: table.document.position(path))
        guard let earlier = devices.updateValue(entry, forKey: device) else { return }
        devices[device] = earlier
        let message =
            "the device \"\(device)\" is already that of \(earlier.owner) at \(earlier.position)"
        let hint = isChosen ? "each tunnel needs its own device" : "give the network another name"
        errors.append(table.document.error(at: path, message, hint: hint))
    }

    private static func texts(_ table: ConfigTable, _ key: String) -> [(Int, String)] {
        guard case .array(let elements) = table.values[key] else { return [] }
        return elements.enumerated().compactMap { index, element in
            if case .string(let text) = element { (index, text) } else { nil }
        }
    }

    private static func entry(_ table: ConfigTable, _ key: String, _ index: Int) -> Entry {
        let path = table.path.appending(key).appending(index)
        return Entry(owner: owner(table), position: table.document.position(path))
    }

    private static func name(_ table: ConfigTable) -> String {
        if case .string(let name) = table.values["name"] { name } else { "" }
    }

    private static func owner(_ table: ConfigTable) -> String {
        if case .string(let name) = table.values["name"] {
            "network \"\(name)\""
        } else {
            "another network"
        }
    }
}
