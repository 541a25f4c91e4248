extension SSHSettings {
    /// The settings of a configured tunnel.
    init(_ settings: TunnelSettings) {
        self.init(
            name: settings.name, gateway: settings.gateway.host, user: settings.gateway.user,
            port: UInt16(settings.gateway.port), identity: settings.identity,
            knownHosts: settings.knownHosts, connectionsPerMaster: settings.connectionsPerMaster,
            idleMs: settings.idleMs.map(Int64.init))
    }
}
