internal import Protocol

/// Reads the configuration's files as one: the main file first, then the drop-ins.
///
/// Networks of all files come together. A setting outside them may stand in any file, but only once:
/// a drop-in that overrules another in silence is how a configuration stops being understood.
struct ConfigParser {
    private var errors: [ConfigError] = []
    private var configuration = Configuration()

    /// Where each setting was first given.
    private var settings: [String: SourcePosition] = [:]
    /// Complaints about each interface of `lan` in case that it turns out to be a tunnel.
    private var lanPlaces: [(name: String, complaint: (String) -> ConfigError)] = []
    /// What every `[[dhcp]]` says, and complaints about its keys.
    private var dhcpPlaces: [(DHCPSettings, (String, String, String?) -> ConfigError)] = []
    private var ledger = NetworkLedger()

    /// The configuration, or everything that is wrong with it in the order of files and lines.
    static func parse(_ sources: [ConfigText]) throws(ConfigErrors) -> Configuration {
        var parser = ConfigParser()
        for source in sources { parser.read(source) }
        parser.refuseTunnelsAsLan()
        parser.joinDHCP()
        guard parser.errors.isEmpty else {
            throw ConfigErrors(parser.sorted(by: sources.map(\.file)))
        }
        return parser.configuration
    }

    private mutating func read(_ source: ConfigText) {
        let document: ConfigDocument
        do throws(ConfigErrors) {
            document = try ConfigDocument(source)
        } catch {
            errors += error.errors
            return
        }
        let top = ConfigTable(
            schema: .top, path: .top, document: document, values: document.root)
        top.refuseUnknownKeys(&errors)
        readLan(top)
        if isFirst("hold", in: top),
            let holdMs = top.duration("hold", in: ConfigDefaults.holdMsRange, &errors)
        {
            configuration.holdMs = holdMs
        }
        if isFirst("masquerade", in: top), let isWanted = top.boolean("masquerade", &errors) {
            configuration.masquerade = isWanted
        }
        readLimits(top)
        if isFirst("dns", in: top), let table = top.table("dns", as: .dns, &errors) {
            configuration.dns = DNSParser(table: table).parse(&errors)
        }
        if isFirst("web", in: top), let table = top.table("web", as: .web, &errors) {
            configuration.web = WebParser(table: table).parse(&errors)
        }
        for table in tables("network", as: .network, in: top) {
            let network = NetworkParser(table: table).parse(&errors)
            ledger.enter(table, network, &errors)
            if let network { configuration.networks.tables.append(network) }
        }
        for table in tables("map", as: .map, in: top) {
            guard let map = MapParser(table: table).parse(&errors) else { continue }
            if let earlier = configuration.maps.first(where: { $0.file == map.file }) {
                let message = "\(map.file) is already a map at \(earlier.source)"
                errors.append(table.complaint("file", message))
            } else {
                configuration.maps.append(map)
            }
        }
        for table in tables("dhcp", as: .dhcp, in: top) {
            guard let dhcp = DHCPParser(table: table).parse(&errors) else { continue }
            dhcpPlaces.append((dhcp, { table.complaint($0, $1, hint: $2) }))
        }
        for table in tables("forward", as: .forward, in: top) { readForward(table) }
    }

    private mutating func readForward(_ table: ConfigTable) {
        guard let forward = ForwardParser(table: table).parse(&errors) else { return }
        let place = forward.listener.text
        if let earlier = configuration.forwards.first(where: { $0.listener.text == place }) {
            let message = "a forward listens on \(place) already at \(earlier.places.listen)"
            errors.append(table.complaint("listen", message))
        } else if configuration.forwards.count == Limits.forwardsMax {
            errors.append(
                table.complaint("listen", "more than \(Limits.forwardsMax) forwards are configured")
            )
        } else {
            configuration.forwards.append(forward)
        }
    }

    /// False, with a complaint, where an earlier file has given the same setting.
    private mutating func isFirst(_ key: String, in table: ConfigTable) -> Bool {
        guard table.has(key) else { return false }
        let name = table.path.appending(key).description
        if let earlier = settings[name] {
            let message = "`\(key)` \(table.schema.title) is already given at \(earlier)"
            errors.append(
                table.complaint(
                    onKey: key, message, hint: "a setting may be given in one file only"))
            return false
        }
        settings[name] = table.position(key)
        return true
    }

    private mutating func readLan(_ top: ConfigTable) {
        guard isFirst("lan", in: top), let texts = top.strings("lan", &errors) else { return }
        for (index, name) in texts {
            var objection = InterfaceName.objection(to: name)
            if configuration.lan.contains(name) { objection = "\"\(name)\" is listed twice" }
            if let objection {
                errors.append(top.complaint(inElement: index, of: "lan", objection))
            } else {
                configuration.lan.append(name)
                lanPlaces.append((name, { top.complaint(inElement: index, of: "lan", $0) }))
            }
        }
    }

    private mutating func readLimits(_ top: ConfigTable) {
        guard let table = top.table("limits", as: .limits, &errors) else { return }
        table.refuseUnknownKeys(&errors)
        let fields: KeyValuePairs = [
            "connections": \LimitSettings.connectionsMax,
            "half-open": \.halfOpenMax,
            "half-open-per-source": \.halfOpenPerSourceMax,
        ]
        for (key, field) in fields where isFirst(key, in: table) {
            if let number = table.integer(key, in: ConfigDefaults.limitRange, &errors) {
                configuration.limits[keyPath: field] = number
            }
        }
    }

    /// The tables of an array like `[[network]]`.
    private mutating func tables(
        _ key: String, as schema: ConfigSchema, in top: ConfigTable
    ) -> [ConfigTable] {
        guard let value = top.values[key] else { return [] }
        guard case .array(let elements) = value else {
            let message = "`\(key)` must be an array of tables, not \(value.kind)"
            let hint = "write [[\(key)]] with two brackets"
            errors.append(top.complaint(onKey: key, message, hint: hint))
            return []
        }
        var tables: [ConfigTable] = []
        for (index, element) in elements.enumerated() {
            guard case .table(let values) = element else {
                let message = "`\(key)` must hold tables only, not \(element.kind)"
                errors.append(top.complaint(inElement: index, of: key, message))
                continue
            }
            tables.append(
                ConfigTable(
                    schema: schema, path: top.path.appending(key).appending(index),
                    document: top.document, values: values))
        }
        return tables
    }

    /// What comes out of a tunnel is never served as if it came from the LAN.
    private mutating func refuseTunnelsAsLan() {
        for (name, complaint) in lanPlaces {
            guard let owner = ledger.owner(ofDevice: name) else { continue }
            errors.append(complaint("\"\(name)\" is the tunnel of \(owner)"))
        }
    }

    /// DHCP is for the LAN and by our own dnsmasq.
    private mutating func joinDHCP() {
        for (dhcp, complaint) in dhcpPlaces {
            if configuration.dns.mode != .managed {
                errors.append(
                    complaint(
                        "interface", "DHCP needs a dnsmasq of dvpn's own",
                        "write mode = \"managed\" in [dns]"))
            } else if !configuration.lan.contains(dhcp.interface) {
                errors.append(
                    complaint(
                        "interface", "\"\(dhcp.interface)\" is not in `lan`",
                        "addresses are given to the LAN only"))
            } else if configuration.dns.dhcp.contains(where: { $0.interface == dhcp.interface }) {
                errors.append(
                    complaint("interface", "\"\(dhcp.interface)\" has a [[dhcp]] already", nil))
            } else {
                configuration.dns.dhcp.append(dhcp)
            }
        }
    }

    private func sorted(by files: [String]) -> [ConfigError] {
        let order = Dictionary(zip(files, files.indices)) { first, _ in first }
        func rank(_ error: ConfigError) -> (Int, Int, Int, String) {
            let place = error.position
            return (order[place.file] ?? files.count, place.line, place.column, error.message)
        }
        return errors.sorted { rank($0) < rank($1) }
    }
}
