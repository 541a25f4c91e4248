/// The keys of each table, for the refusal of all others.
enum ConfigSchema: CaseIterable {
    case top
    case limits
    case network
    case ssh

    /// As a person would write it.
    var title: String {
        switch self {
        case .top: "at the top level"
        case .limits: "in [limits]"
        case .network: "in [[network]]"
        case .ssh: "in [network.ssh]"
        }
    }

    var keys: [String] {
        switch self {
        case .top: ["lan", "hold", "limits", "network"]
        case .limits: ["connections", "half-open", "half-open-per-source"]
        case .network: ["name", "prefixes", "via", "gateway", "idle", "connect", "ssh"]
        case .ssh:
            [
                "port", "identity", "known-hosts", "session", "far-end", "connections-per-master",
            ]
        }
    }

    /// Keys that are spoken of but do nothing yet, and so must not be accepted in silence.
    var unsupportedKeys: [String] {
        switch self {
        case .top, .limits, .ssh: []
        case .network: ["domains", "vpnc", "openconnect", "command"]
        }
    }

    /// The remedy for a key that this table does not have.
    func hint(for key: String) -> String? {
        if let near = Spelling.nearest(to: key, in: keys) { return "did you mean `\(near)`?" }
        let home = Self.allCases.first { $0 != self && $0.keys.contains(key) }
        return home.map { "`\(key)` belongs \($0.title)" }
    }
}
