internal import Protocol

/// Reads the configuration's files as one: the main file first, then the drop-ins.
///
/// Networks of all files come together. A setting outside them may stand in any file, but only once:
/// a drop-in that overrules another in silence is how a configuration stops being understood.
struct ConfigParser {
    private var errors: [ConfigError] = []
    private var configuration = Configuration()

    /// Where each setting, name and prefix was first given.
    private var settings: [String: SourcePosition] = [:]
    private var names: [String: SourcePosition] = [:]
    private var prefixes: [Prefix: (network: String, position: SourcePosition)] = [:]

    /// The configuration, or everything that is wrong with it in the order of files and lines.
    static func parse(_ sources: [ConfigText]) throws(ConfigErrors) -> Configuration {
        var parser = ConfigParser()
        for source in sources { parser.read(source) }
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
        readNetworks(top)
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

    private mutating func readNetworks(_ top: ConfigTable) {
        guard let value = top.values["network"] else { return }
        guard case .array(let elements) = value else {
            let message = "`network` must be an array of tables, not \(value.kind)"
            errors.append(
                top.complaint(
                    onKey: "network", message, hint: "write [[network]] with two brackets"))
            return
        }
        for (index, element) in elements.enumerated() {
            guard case .table(let values) = element else {
                let message = "`network` must hold tables only, not \(element.kind)"
                errors.append(top.complaint(inElement: index, of: "network", message))
                continue
            }
            let table = ConfigTable(
                schema: .network, path: top.path.appending("network").appending(index),
                document: top.document, values: values)
            add(table)
        }
    }

    // MARK: What several networks must not share

    private mutating func add(_ table: ConfigTable) {
        let network = NetworkParser(table: table).parse(&errors)
        refuseSharedName(table)
        refuseSharedPrefixes(table)
        if let network { configuration.networks.append(network) }
    }

    private mutating func refuseSharedName(_ table: ConfigTable) {
        guard case .string(let name) = table.values["name"] else { return }
        if let earlier = names[name] {
            let message = "the network name \"\(name)\" is already used at \(earlier)"
            errors.append(table.complaint("name", message, hint: "each network needs its own name"))
        } else {
            names[name] = table.position("name")
        }
    }

    /// Looks at the texts again, so that a network with another mistake takes part as well.
    private mutating func refuseSharedPrefixes(_ table: ConfigTable) {
        guard case .array(let elements) = table.values["prefixes"] else { return }
        var owner = "another network"
        if case .string(let name) = table.values["name"] { owner = "network \"\(name)\"" }
        for (index, element) in elements.enumerated() {
            guard case .string(let text) = element, let prefix = try? Prefix(text: text) else {
                continue
            }
            if let earlier = prefixes[prefix] {
                let message =
                    "\(prefix.text) is already a prefix of \(earlier.network) at \(earlier.position)"
                let hint =
                    "a prefix belongs to one network; a longer one inside it may be another's"
                errors.append(
                    table.complaint(inElement: index, of: "prefixes", message, hint: hint))
            } else {
                let path = table.path.appending("prefixes").appending(index)
                prefixes[prefix] = (owner, table.document.position(path))
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
