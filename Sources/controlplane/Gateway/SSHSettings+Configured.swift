extension SSHSettings {
    /// Connections of one tunnel, where each has an ssh of its own: 8 MiB and two processes on the
    /// gateway for each. Further ones wait.
    private static let perConnectionMax = 64

    /// The settings of a configured tunnel.
    init(_ settings: TunnelSettings, _ client: SSHClient) {
        self.init(
            name: settings.name, gateway: client.gateway.host, user: client.gateway.user,
            port: UInt16(client.gateway.port), identity: client.identity,
            knownHosts: client.knownHosts, connectionsPerMaster: client.connectionsPerMaster,
            idleMs: settings.idleMs.map(Int64.init))
        if client.session == .perConnection {
            isPerConnection = true
            connectionsPerMaster = 1
            mastersMax = Self.perConnectionMax
        }
        if client.farEnd == .netcat { usesNetcat = true }
    }
}
