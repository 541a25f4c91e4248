/// Reads the configuration again and again, and parses only what is another text than before.
struct ConfigReader {
    let loader: ConfigLoader

    private var texts: [ConfigText] = []
    private var tables = Configuration()
    private var maps: [MapSettings: (text: String, entries: [MapEntry])] = [:]

    init(_ loader: ConfigLoader) { self.loader = loader }

    /// The configuration, or everything that is wrong with its files: then the next reading is
    /// compared with the last one that went well.
    mutating func read() throws(ConfigErrors) -> Configuration {
        let read = try loader.readTexts()
        // The TOML library keeps what it has parsed for ever: not twice the same.
        if read != texts {
            tables = try ConfigParser.parse(read)
            texts = read
        }
        var whole = try withMaps(tables)
        let texts = whole.maps.compactMap { maps[$0]?.text }
        try ForwardCheck.complete(&whole) { name in
            texts.lazy.compactMap { HostsNames.address(of: name, in: $0) }.first
        }
        return whole
    }

    /// The names of the maps' hosts, as a hosts file.
    var mapHosts: String {
        tables.maps.compactMap { settings in
            maps[settings].map { known in
                HostsNames.table(known.text, within: Set(known.entries.map(\.prefix)), settings)
            }
        }.joined()
    }

    private mutating func withMaps(_ tables: Configuration) throws(ConfigErrors) -> Configuration {
        guard !tables.maps.isEmpty else { return tables }
        var map = GatewayMap(tables.networks)
        var errors: [ConfigError] = []
        var parsed: [MapSettings: (text: String, entries: [MapEntry])] = [:]
        for settings in tables.maps {
            do throws(ConfigErrors) {
                let text = try loader.readText(settings.file).text
                var known = maps[settings]
                if known?.text != text {
                    known = (text, try HostsFile(settings: settings, text: text).entries())
                }
                guard let known else { continue }
                parsed[settings] = known
                map.add(known.entries, settings)
            } catch {
                errors += error.errors
            }
        }
        if let excess = map.networks.dropFirst(ConfigDefaults.networksMax).first {
            let message = "more than \(ConfigDefaults.networksMax) networks"
            errors.append(ConfigError(position: excess.source, message: message))
        }
        guard errors.isEmpty else { throw ConfigErrors(errors) }
        maps = parsed
        var whole = tables
        whole.networks = map.networks
        whole.notices = map.notices
        return whole
    }
}
