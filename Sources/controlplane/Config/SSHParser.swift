/// Reads what a `[[network]]` says of its ssh tunnel: its own keys and those of `[network.ssh]`.
struct SSHParser {
    let table: ConfigTable

    /// The client; nil where there is no gateway to go to.
    func parse(_ errors: inout [ConfigError]) -> SSHClient? {
        table.require("gateway", hint: "write gateway = \"user@host\"", &errors)
        var client = client(&errors)
        guard let (user, host) = gateway(&errors) else { return nil }
        client.gateway = GatewayAddress(user: user, host: host, port: client.gateway.port)
        return client
    }

    /// What the table `ssh` says: of the gateway the port alone.
    func client(_ errors: inout [ConfigError]) -> SSHClient {
        let ssh =
            table.table("ssh", as: .ssh, &errors)
            ?? ConfigTable(
                schema: .ssh, path: table.path.appending("ssh"), document: table.document,
                values: [:])
        ssh.refuseUnknownKeys(&errors)
        let port = ssh.integer("port", in: ConfigDefaults.portRange, &errors)
        let identity = file("identity", in: ssh, &errors)
        let knownHosts = file("known-hosts", in: ssh, &errors)
        let session: SSHClient.Session? = ssh.choice("session", &errors)
        let farEnd: SSHClient.FarEnd? = ssh.choice("far-end", &errors)
        let connections = ssh.integer(
            "connections-per-master", in: ConfigDefaults.connectionsPerMasterRange, &errors)
        return SSHClient(
            gateway: GatewayAddress(user: "", host: "", port: port ?? ConfigDefaults.sshPort),
            identity: identity ?? ConfigDefaults.identity,
            knownHosts: knownHosts ?? ConfigDefaults.knownHosts, session: session ?? .shared,
            farEnd: farEnd ?? .forward,
            connectionsPerMaster: connections
                ?? (farEnd == .netcat
                    ? ConfigDefaults.sessionsPerMaster : ConfigDefaults.connectionsPerMaster))
    }

    private func file(_ key: String, in ssh: ConfigTable, _ errors: inout [ConfigError]) -> String?
    {
        guard let path = ssh.absolutePath(key, reader: "ssh runs as user dvpn-ssh", &errors) else {
            return nil
        }
        // Both end up in a file that ssh reads by lines and words, where % begins a token.
        guard !path.unicodeScalars.contains(where: { "\"\\%\n\r\t".unicodeScalars.contains($0) })
        else {
            errors.append(
                ssh.complaint(key, "`\(key)` must not have a quote, backslash, % or tab in it"))
            return nil
        }
        return path
    }

    private func gateway(_ errors: inout [ConfigError]) -> (user: String, host: String)? {
        guard let text = table.string("gateway", &errors) else { return nil }
        do throws(GatewayAddress.TextError) {
            return try GatewayAddress.parse(text)
        } catch {
            let (message, hint) = Self.explain(error, text)
            errors.append(table.complaint("gateway", message, hint: hint))
            return nil
        }
    }

    private static func explain(
        _ error: GatewayAddress.TextError, _ text: String
    ) -> (String, String?) {
        switch error {
        case .noUser:
            ("the gateway \"\(text)\" has no user", "write it like dvpn-gate@203.0.113.7")
        case .user(let user):
            ("\"\(user)\" is not a user name", "write the gateway like dvpn@203.0.113.7")
        case .host(let host):
            ("\"\(host)\" is neither a host name nor an address", nil)
        case .port(_, let port):
            ("the gateway \"\(text)\" has a port in it", "write port = \(port) in [network.ssh]")
        }
    }
}
