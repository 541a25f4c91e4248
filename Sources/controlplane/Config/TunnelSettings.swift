/// All that makes a tunnel. Networks behind ssh with equal settings share one; a tunnel with a
/// device of its own serves the network that the device is named after.
struct TunnelSettings: Hashable, Sendable {
    /// The program that makes the tunnel, and what it has to know.
    enum Client: Hashable, Sendable {
        case ssh(SSHClient)
        case vpnc(VPNCClient)
        case openconnect(OpenConnectClient)
        case command(CommandClient)

        /// True where a person may have to be asked before the tunnel is up: always, because a secret
        /// is not where it should be, or because the gateway has a further question.
        var mayAsk: Bool {
            switch self {
            case .ssh, .command: false
            case .vpnc, .openconnect: true
            }
        }
    }

    /// Without use for this long the tunnel is closed, in milliseconds; nil: never.
    let idleMs: Int?

    let client: Client

    /// How long a person has for an answer, in milliseconds; nil where nobody is ever asked.
    let promptMs: Int?

    /// - Parameter promptMs: means nothing where nobody is asked.
    init(idleMs: Int?, client: Client, promptMs: Int = ConfigDefaults.promptMs) {
        self.idleMs = idleMs
        self.client = client
        self.promptMs = client.mayAsk ? promptMs : nil
    }

    /// What the tunnel is called in locks, records and socket paths: the same for equal settings,
    /// over restarts too, and another one for any others.
    var name: String {
        // The fields are kept apart by a byte that none of them has.
        let hash = StableHash.of(fields.joined(separator: "\0"))
        return "\(host ?? via)-\(String(hash, radix: 16))"
    }

    /// The hosts with which names of tunnels, or of accounts, begin.
    static func hosts(in names: some Sequence<String>) -> Set<String> {
        Set(names.compactMap { name in name.lastIndex(of: "-").map { String(name[..<$0]) } })
    }

    /// What a gateway counts refused credentials for: who comes, to whom, and where the proof is.
    ///
    /// Locks are about it. Tunnels with one account may differ in everything else, and another
    /// `idle` is no reason to show the same password again. A pinned certificate or another file of
    /// host keys belongs to it, because a lock may be about these.
    var account: String {
        let hash = StableHash.of((["account", via] + accountFields).joined(separator: "\0"))
        return "\(host ?? via)-\(String(hash, radix: 16))"
    }

    /// The name or address that the tunnel goes to; nil where only the client knows.
    var host: String? {
        switch client {
        case .ssh(let ssh): ssh.gateway.host
        case .vpnc(let vpnc): vpnc.host
        case .openconnect(let openconnect): openconnect.host
        case .command(let command): command.host
        }
    }

    /// The gateway as people write it.
    var gateway: String {
        switch client {
        case .ssh(let ssh): ssh.gateway.description
        case .vpnc, .openconnect, .command: host ?? "-"
        }
    }

    /// The word of the configuration's `via`.
    var via: String {
        switch client {
        case .ssh: "ssh"
        case .vpnc: "vpnc"
        case .openconnect: "openconnect"
        case .command: "command"
        }
    }

    /// The tunnel's own network device; nil where it has none (ssh).
    var device: String? {
        switch client {
        case .ssh: nil
        case .vpnc(let vpnc): vpnc.device
        case .openconnect(let openconnect): openconnect.device
        case .command(let command): command.device
        }
    }

    /// True where the client cannot speak to a gateway over IPv6.
    var isIPv4Only: Bool {
        if case .vpnc = client { true } else { false }
    }

    private var accountFields: [String] {
        switch client {
        case .ssh(let ssh):
            [ssh.gateway.description, ssh.identity, ssh.knownHosts]
        case .vpnc(let vpnc):
            [
                vpnc.host, vpnc.group, vpnc.groupSecret.description, vpnc.username,
                vpnc.password.description,
            ]
        case .openconnect(let openconnect):
            [
                openconnect.host, "\(openconnect.port)", openconnect.protocolName,
                openconnect.username, openconnect.password.description,
                openconnect.serverCertificate ?? "",
            ]
        case .command(let command):
            // Whose credentials it has only the command knows.
            [command.host ?? ""] + command.start
        }
    }

    private var fields: [String] {
        let idle = (idleMs.map(String.init) ?? "never") + (promptMs.map { " \($0)" } ?? "")
        switch client {
        case .ssh(let ssh):
            return [
                ssh.gateway.description, ssh.identity, ssh.knownHosts, idle, "\(ssh.session)",
                "\(ssh.farEnd)", "\(ssh.connectionsPerMaster)",
            ]
        case .vpnc(let vpnc):
            return [
                via, vpnc.device, vpnc.host, idle, vpnc.group, vpnc.groupSecret.description,
                vpnc.username, vpnc.password.description, vpnc.natTraversal.rawValue,
                vpnc.dhGroup.rawValue, vpnc.script ?? "",
            ]
        case .openconnect(let openconnect):
            return [
                via, openconnect.device, openconnect.host, idle, "\(openconnect.port)",
                openconnect.protocolName, openconnect.username, openconnect.password.description,
                openconnect.serverCertificate ?? "", openconnect.script ?? "",
            ]
        case .command(let command):
            return [via, command.device, command.host ?? "", idle, "\(command.ready)"]
                + command.start + ["stop"] + command.stop
        }
    }
}
