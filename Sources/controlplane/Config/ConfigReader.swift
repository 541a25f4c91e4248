/// Reads the configuration again and again, and parses only what is another text than before.
struct ConfigReader {
    let loader: ConfigLoader

    private var texts: [ConfigText] = []
    private var tables = Configuration()
    private var maps: [MapSettings: HostsFile] = [:]
    /// The maps' files, each as it was just before it was read last.
    private(set) var mapStates: [String: FileState] = [:]
    /// What the texts came to.
    private var whole: Configuration?

    init(_ loader: ConfigLoader) { self.loader = loader }

    /// Those that were read last, without maps.
    var files: [String] { texts.map(\.file) }

    /// Every file that counts on disk now; the drop-ins' directory is one of them.
    var sources: [String] { loader.sources + tables.maps.map(\.file) }

    /// How much there is to be parsed: nothing where the texts are those that were read last.
    var bytesToParse: Int {
        guard let read = try? loader.readTexts(), read != texts else { return 0 }
        return read.reduce(0) { $0 + $1.text.utf8.count }
    }

    /// The configuration, or everything that is wrong with its files: then the next reading is
    /// compared with the last one that went well.
    mutating func read() throws(ConfigErrors) -> Configuration {
        let read = try loader.readTexts()
        // The TOML library keeps what it has parsed for ever: not twice the same.
        if read != texts {
            tables = try ConfigParser.parse(read)
            texts = read
            whole = nil
        }
        var whole = try withMaps()
        let files = whole.maps.compactMap { maps[$0] }
        try ForwardCheck.complete(&whole) { name in
            files.lazy.compactMap { HostsNames.address(of: name, in: $0.text) }.first
        }
        return whole
    }

    /// The names of the maps' hosts, as a hosts file.
    var mapHosts: String {
        tables.maps.compactMap { settings in
            maps[settings].map { HostsNames.table($0.text, within: $0.prefixes, settings) }
        }.joined()
    }

    private mutating func withMaps() throws(ConfigErrors) -> Configuration {
        var errors: [ConfigError] = []
        var files: [(settings: MapSettings, file: HostsFile)] = []
        var states: [String: FileState] = [:]
        var areSame = true
        for settings in tables.maps {
            var file = maps[settings] ?? HostsFile(settings: settings)
            states[settings.file] = FileState(settings.file)
            do throws(ConfigErrors) {
                if try file.take(loader.read(settings.file)) { areSame = false }
                files.append((settings, file))
            } catch {
                errors += error.errors
            }
        }
        if errors.isEmpty, areSame, let whole {
            mapStates = states
            return whole
        }
        let merged = merge(files, &errors)
        guard errors.isEmpty else { throw ConfigErrors(errors) }
        mapStates = states
        maps = [:]
        for (settings, file) in files { maps[settings] = file }
        whole = merged
        return merged
    }

    private func merge(
        _ files: [(settings: MapSettings, file: HostsFile)], _ errors: inout [ConfigError]
    ) -> Configuration {
        // In the order in which they count.
        let sources: [any MapSource] =
            [NetworkTables(tables: tables.networks.tables)] + files.map(\.file)
        var networks: [SourceNetworks] = []
        for source in sources {
            do throws(ConfigErrors) {
                networks.append(try source.networks())
            } catch {
                errors += error.errors
            }
        }
        let map = GatewayMap(networks)
        if map.networks.count > ConfigDefaults.networksMax {
            let excess = map.networks[ConfigDefaults.networksMax]
            let message = "more than \(ConfigDefaults.networksMax) networks"
            errors.append(ConfigError(position: excess.source, message: message))
        }
        var whole = tables
        whole.networks = map.networks
        whole.notices = map.notices
        return whole
    }
}
