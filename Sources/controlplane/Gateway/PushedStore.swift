internal import FoundationEssentials
internal import Protocol

/// What gateways pushed, by network: `STATE/pushed.json`. So that the first packet after a reboot
/// finds the prefixes and name servers that only the gateway knows.
struct PushedStore: Sendable {
    private let path: String
    private(set) var byNetwork: [String: PushedSettings]

    /// Reads the file; one that is missing or damaged knows nothing, and the next dial mends it.
    init(stateDirectory: String) {
        path = "\(stateDirectory)/pushed.json"
        let bytes = (try? AtomicFile.read(path)) ?? nil
        byNetwork =
            bytes.flatMap {
                try? JSONDecoder().decode([String: PushedSettings].self, from: Data($0))
            } ?? [:]
    }

    /// - Returns: true where this is news.
    mutating func remember(
        _ pushed: PushedSettings, of network: String
    ) throws(ProcessError) -> Bool {
        guard byNetwork[network] != pushed else { return false }
        byNetwork[network] = pushed
        guard let data = try? JSONEncoder().encode(byNetwork) else {
            preconditionFailure("texts always encode")
        }
        try AtomicFile.write(Array(data), to: path, mode: 0o600, durable: true)
        return true
    }

    /// The configuration with the prefixes that gateways pushed, where they are accepted.
    func extend(_ configuration: Configuration) -> Configuration {
        var extended = configuration
        // Lines of maps have no tunnels that push.
        let tables = configuration.networks.tables
        var taken = Set(tables.flatMap(\.prefixes))
        for (index, network) in tables.enumerated()
        where network.packets?.acceptsPushed == true {
            let pushed = (byNetwork[network.name]?.routes ?? []).compactMap { text in
                Self.acceptable(text)
            }
            // Somebody wrote the others down: they come first.
            let new = Set(pushed).subtracting(taken)
                .filter { !configuration.networks.isMapped($0) }
            taken.formUnion(new)
            extended.networks.tables[index].prefixes = (network.prefixes + new).sorted()
        }
        return extended
    }

    /// A prefix that a person might have written, too.
    private static func acceptable(_ text: String) -> Prefix? {
        guard let prefix = try? Prefix(text: text), PrefixRules.objection(to: prefix) == nil else {
            return nil
        }
        return prefix
    }
}
