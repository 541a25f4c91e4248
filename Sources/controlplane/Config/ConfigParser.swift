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
    private var ledger = NetworkLedger()

    /// The configuration, or everything that is wrong with it in the order of files and lines.
    static func parse(_ sources: [ConfigText]) throws(ConfigErrors) -> Configuration {
        var parser = ConfigParser()
        for source in sources { parser.read(source) }
        parser.refuseTunnelsAsLan()
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
        readLimits(top)
        if isFirst("dns", in: top), let table = top.table("dns", as: .dns, &errors) {
            configuration.dns = DNSParser(table: table).parse(&errors)
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

    private func sorted(by files: [String]) -> [ConfigError] {
        let order = Dictionary(zip(files, files.indices)) { first, _ in first }
        func rank(_ error: ConfigError) -> (Int, Int, Int, String) {
            let place = error.position
            return (order[place.file] ?? files.count, place.line, place.column, error.message)
        }
        return errors.sorted { rank($0) < rank($1) }
    }
}
