internal import Reports

/// The keys of each table, for the refusal of all others.
enum ConfigSchema: CaseIterable {
    case top
    case limits
    case dns
    case web
    case network
    case map
    case forward
    case dhcp
    case filter
    case ssh
    case vpnc
    case openconnect
    case command
    case secret
    case ready

    /// As a person would write it.
    var title: String {
        switch self {
        case .top: "at the top level"
        case .limits: "in [limits]"
        case .dns: "in [dns]"
        case .web: "in [web]"
        case .network: "in [[network]]"
        case .map: "in [[map]]"
        case .forward: "in [[forward]]"
        case .dhcp: "in [[dhcp]]"
        case .filter: "in [network.filter]"
        case .ssh: "in [network.ssh]"
        case .vpnc: "in [network.vpnc]"
        case .openconnect: "in [network.openconnect]"
        case .command: "in [network.command]"
        case .secret: "in a secret"
        case .ready: "in `ready`"
        }
    }

    var keys: [String] {
        switch self {
        case .top:
            [
                "lan", "masquerade", "hold", "limits", "dns", "web", "network", "map", "forward",
                "dhcp",
            ]
        case .limits: ["connections", "half-open", "half-open-per-source"]
        case .dns:
            [
                "mode", "host", "listen", "upstream", "port", "drop-in", "config", "pid-file",
                "restart", "forwarder-port",
            ]
        case .web: ["listen", "token", "certificate", "key", "names"]
        case .network:
            [
                "name", "prefixes", "via", "gateway", "idle", "prompt-timeout", "connect",
                "domains", "dns", "tcp",
                "accept-pushed", "probe", "stall", "block-ports", "filter", "ssh", "vpnc",
                "openconnect",
                "command",
            ]
        case .map: ["file", "user", "prefix4", "prefix6", "idle", "connect", "ssh"]
        case .forward: ["listen", "to", "network", "mode", "group"]
        case .dhcp: ["interface", "range", "lease", "domain", "hosts"]
        case .filter: ["start", "pass", "keep-up"]
        case .ssh:
            [
                "port", "identity", "known-hosts", "session", "far-end", "connections-per-master",
            ]
        case .vpnc:
            [
                "group", "group-secret", "username", "password", "nat-traversal", "dh-group",
                "script",
            ]
        case .openconnect: ["protocol", "username", "password", "server-cert", "script"]
        case .command: ["start", "stop", "device", "ready"]
        case .secret: ["credential", "file", "ask"]
        case .ready: ["file", "command"]
        }
    }

    /// The remedy for a key that this table does not have.
    func hint(for key: String) -> String? {
        if let near = Spelling.nearest(to: key, in: keys) { return "did you mean `\(near)`?" }
        let homes = Self.allCases.filter { $0 != self && $0.keys.contains(key) }.map(\.title)
        return homes.isEmpty ? nil : "`\(key)` belongs \(homes.joined(separator: " or "))"
    }
}
