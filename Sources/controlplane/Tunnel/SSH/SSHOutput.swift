/// What ssh's words mean. Every failure of ssh exits with 255: only the text tells them apart.
enum SSHOutput {
    /// Classifies a master's end by its log and the way it ended.
    ///
    /// - Parameters:
    ///   - wasReady: the master had worked; what ends it then is a loss, whatever the words.
    static func failure(
        log: String, exit: ProcessExit, wasReady: Bool, settings: SSHSettings
    ) -> Failure {
        let lines = log.split(whereSeparator: { $0.isNewline }).map(String.init)
        // Credentials are settled when a master is ready, and its log may still hold warnings from
        // the beginning: then only the ways to lose a gateway are looked for.
        let rules = wasReady ? lossRules : dialRules
        for rule in rules {
            guard let line = lines.last(where: { rule.matches($0) }) else { continue }
            return Failure(rule.kind, rule.message(settings), evidence: evidence(line))
        }
        let last = lines.last { SSHChannelFailure($0) == nil }
        if case .signal(let number) = exit {
            return Failure(
                .killed, "ssh was ended by signal \(number), not by dvpn", evidence: last)
        }
        if wasReady {
            return Failure(.lost, "the connection to \(place(settings)) ended", evidence: last)
        }
        return Failure(.unknown, "ssh ended without a reason that dvpn knows", evidence: last)
    }

    /// Whether a dial failed because somebody else has the port of its forward by now.
    static func isPortTaken(_ failure: Failure) -> Bool {
        failure.evidence?.contains(portTaken) ?? false
    }

    private static let portTaken = "cannot listen to port"

    /// One text and what it means. The first rule that matches any line decides, so the order is
    /// from the cause to its consequences.
    struct Rule: Sendable {
        let kind: Failure.Kind
        /// All of these must occur in one line.
        let words: [String]
        let message: @Sendable (SSHSettings) -> String

        func matches(_ line: String) -> Bool { words.allSatisfy { line.contains($0) } }
    }

    private static let dialRules: [Rule] = [
        Rule(kind: .hostKeyChanged, words: ["REMOTE HOST IDENTIFICATION HAS CHANGED"]) {
            "\(place($0)) shows another host key than \($0.knownHosts) holds; if that is right, "
                + "put the new key there"
        },
        Rule(kind: .hostKeyChanged, words: ["REVOKED HOST KEY"]) {
            "\(place($0)) shows a host key that \($0.knownHosts) revokes"
        },
        Rule(kind: .hostKeyUnknown, words: ["host key is known for"]) {
            "\($0.knownHosts) holds no key of \(SSHConfiguration.knownHostsName($0)); "
                + "dvpnctl gateway pin shows it, to be compared with the gateway's, and records it"
        },
        Rule(kind: .hostKeyChanged, words: ["Host key verification failed"]) {
            "the host key of \(place($0)) is not the one that \($0.knownHosts) holds"
        },
        Rule(kind: .authentication, words: ["Load key", "bad permissions"]) {
            "ssh ignores \($0.identity), because others may read it; chmod 600 it"
        },
        Rule(kind: .authentication, words: ["Load key"]) {
            "ssh cannot load \($0.identity); it must be a private key without a passphrase"
        },
        Rule(kind: .authentication, words: ["Permission denied (publickey"], message: refusedKey),
        Rule(kind: .authentication, words: ["Permission denied ("], message: refusedKey),
        Rule(
            kind: .authentication, words: ["Too many authentication failures"], message: refusedKey),
        Rule(
            kind: .authentication, words: ["No supported authentication methods"],
            message: refusedKey),
        Rule(kind: .nameNotResolved, words: ["Could not resolve hostname"]) {
            "the name \($0.gateway) has no address"
        },
        Rule(kind: .refused, words: ["connect to host", "Connection refused"]) {
            "\(place($0)) refuses connections; is sshd running there?"
        },
        Rule(kind: .unreachable, words: ["connect to host", "timed out"]) {
            "\(place($0)) does not answer"
        },
        Rule(kind: .unreachable, words: ["connect to host"]) {
            "there is no way to \(place($0))"
        },
        Rule(kind: .timedOut, words: ["Connection timed out during banner exchange"]) {
            "\(place($0)) accepts connections and says nothing"
        },
        Rule(kind: .protocolError, words: ["Unable to negotiate", "no matching"]) {
            "\(place($0)) and this ssh have no algorithm in common"
        },
        Rule(kind: .protocolError, words: ["kex_exchange_identification"]) {
            "\(place($0)) ended the conversation at once; it may be throttling (MaxStartups), "
                + "or no ssh server"
        },
        Rule(kind: .protocolError, words: ["Bad remote protocol version"]) {
            "\(place($0)) is no ssh server"
        },
        Rule(kind: .protocolError, words: ["banner line contains invalid characters"]) {
            "\(place($0)) is no ssh server"
        },
        Rule(kind: .configuration, words: ["unix_listener:"], message: noSocket),
        Rule(kind: .configuration, words: [portTaken]) { _ in
            "other programs take every port that ssh is given for its forward"
        },
        Rule(
            kind: .configuration, words: ["Could not request local forwarding"], message: noSocket),
        Rule(kind: .configuration, words: ["ControlSocket", "already exists"], message: noSocket),
        Rule(kind: .configuration, words: ["Bad configuration option"]) { _ in
            "this ssh does not know an option that dvpn needs"
        },
        Rule(kind: .configuration, words: ["Can't open user config file"]) { _ in
            "the masters' user cannot read dvpn's ssh configuration in the runtime directory"
        },
        Rule(kind: .configuration, words: ["No user exists for uid"]) { _ in
            "the user that ssh masters run as does not exist; create dvpn-ssh"
        },
        Rule(kind: .protocolError, words: ["Received disconnect from"], message: closed),
        Rule(kind: .protocolError, words: ["Disconnected from"], message: closed),
        Rule(kind: .protocolError, words: ["Connection closed by"], message: closed),
        Rule(kind: .protocolError, words: ["Connection reset by"], message: closed),
        Rule(kind: .timedOut, words: ["Connection to", "timed out"]) {
            "\(place($0)) stopped answering while the tunnel was being made"
        },
        Rule(kind: .timedOut, words: ["Timeout, server"]) {
            "\(place($0)) stopped answering while the tunnel was being made"
        },
    ]

    private static let lossRules: [Rule] = [
        Rule(kind: .lost, words: ["Timeout, server", "not responding"]) {
            "\(place($0)) stopped answering"
        },
        Rule(kind: .lost, words: ["Received disconnect from"]) { "\(place($0)) ended the tunnel" },
        Rule(kind: .lost, words: ["closed by remote host"]) { "\(place($0)) ended the tunnel" },
        Rule(kind: .lost, words: ["Connection reset by"]) { "\(place($0)) ended the tunnel" },
        Rule(kind: .lost, words: ["send disconnect: Broken pipe"]) {
            "the connection to \(place($0)) broke"
        },
        Rule(kind: .lost, words: ["Corrupted MAC"]) {
            "what came from \(place($0)) was damaged on the way"
        },
    ]

    private static func refusedKey(_ settings: SSHSettings) -> String {
        "\(place(settings)) refuses user \(settings.user) with \(settings.identity)"
    }

    private static func closed(_ settings: SSHSettings) -> String {
        "\(place(settings)) ended the conversation before the tunnel was up"
    }

    private static func noSocket(_ settings: SSHSettings) -> String {
        "ssh cannot make its socket in the runtime directory"
    }

    private static func place(_ settings: SSHSettings) -> String {
        settings.port == 22 ? settings.gateway : "\(settings.gateway) port \(settings.port)"
    }

    /// The line without the frame of @ that ssh paints around warnings.
    private static func evidence(_ line: String) -> String {
        let frame: (Character) -> Bool = { $0 == "@" || $0 == " " }
        let start = line.drop(while: frame)
        let length = start.reversed().drop(while: frame).count
        return String(start.prefix(length))
    }
}
