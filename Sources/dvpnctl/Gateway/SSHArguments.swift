internal import Reports

/// The command lines of ssh for the gateway kit.
enum SSHArguments {
    /// As dvpn itself logs in: with its key and its known_hosts, and nothing of the person's own.
    static func own(_ gateway: GatewayReport) -> [String] {
        let options = [
            "BatchMode=yes", "IdentitiesOnly=yes", "IdentityAgent=none",
            "IdentityFile=\"\(gateway.identity)\"", "PreferredAuthentications=publickey",
            "StrictHostKeyChecking=yes", "UserKnownHostsFile=\"\(gateway.knownHosts)\"",
            "GlobalKnownHostsFile=/dev/null", "UpdateHostKeys=no", "CheckHostIP=no",
            "ConnectTimeout=10", "ServerAliveInterval=5", "LogLevel=INFO",
            "Port=\(gateway.port)", "User=\(gateway.user)",
        ]
        return ["-F", "none"] + options.flatMap { ["-o", $0] }
    }

    /// A master without a session, that can be talked to at `control`.
    static func master(_ gateway: GatewayReport, control: String) -> [String] {
        own(gateway) + ["-M", "-N", "-S", control, "-o", "ControlPersist=no", gateway.host]
    }

    /// Asks the gateway to listen, and stays if it does.
    static func remote(_ gateway: GatewayReport, forward: String) -> [String] {
        own(gateway) + [
            "-v", "-N", "-o", "ExitOnForwardFailure=yes", "-o", "StreamLocalBindUnlink=yes", "-R",
            forward, gateway.host,
        ]
    }

    /// As the person logs in: with their configuration, agent and known_hosts, and their answers.
    ///
    /// - Parameter fresh: a connection of its own, never a share of one that stands.
    static func admin(_ access: AdminAccess, _ command: String, fresh: Bool = false) -> [String] {
        var words: [String] = ["-T"]
        if let file = access.config { words += ["-F", file] }
        if let port = access.port { words += ["-p", "\(port)"] }
        if fresh { words += ["-o", "ControlMaster=no", "-o", "ControlPath=none"] }
        return words + ["--", access.destination, command]
    }
}

/// How a person with root's rights logs in to a gateway.
struct AdminAccess: Equatable, Sendable {
    /// `host` or `user@host`, as ssh(1) takes it.
    let destination: String
    /// nil: as ssh's configuration says.
    var port: Int?
    /// A file for ssh -F; nil: the person's own.
    var config: String?

    /// The part behind the user.
    var host: String {
        String(destination.split(separator: "@").last ?? "")
    }
}
