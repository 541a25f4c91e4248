/// Where the gateway map has networks from. The configuration's tables are one source and hosts files
/// are others; a directory (DNS, etcd) is another conformance, and a place among the sources that
/// `ConfigReader` merges.
protocol MapSource {
    /// All its networks, each prefix once, or everything that is wrong.
    func networks() throws(ConfigErrors) -> SourceNetworks
}

/// What a source has: each network as a value of its own, or many that are alike in a form that takes
/// little room.
enum SourceNetworks {
    case tables([Network])
    case mapped(MappedNetworks)

    var count: Int {
        switch self {
        case .tables(let networks): networks.count
        case .mapped(let networks): networks.count
        }
    }
}

/// The `[[network]]` tables of all configuration files, whose names and prefixes the parser has found
/// to be unique.
struct NetworkTables: MapSource {
    let tables: [Network]

    func networks() throws(ConfigErrors) -> SourceNetworks { .tables(tables) }
}
