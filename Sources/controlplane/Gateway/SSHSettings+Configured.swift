extension SSHSettings {
    /// The settings of a configured tunnel.
    init(_ settings: TunnelSettings, _ client: SSHClient) {
        self.init(
            name: settings.name, gateway: client.gateway.host, user: client.gateway.user,
            port: UInt16(client.gateway.port), identity: client.identity,
            knownHosts: client.knownHosts, connectionsPerMaster: client.connectionsPerMaster,
            idleMs: settings.idleMs.map(Int64.init))
    }
}
