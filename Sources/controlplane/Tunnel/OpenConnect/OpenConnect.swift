internal import Protocol

/// The back end for AnyConnect and its relatives: openconnect(8).
struct OpenConnect: ClientProgram {
    let client: OpenConnectClient

    var name: String { "openconnect" }
    var device: String { client.device }
    var host: String? { client.host }
    /// openconnect calls its script when the tunnel stands, and waits for it.
    var readiness: ClientReadiness { .report(pidFile: false) }
    var foreignScript: String? { client.script }

    var secrets: [SecretRequest] {
        [
            SecretRequest(
                secret: client.password, purpose: "password of \(client.username) at \(client.host)"
            )
        ]
    }

    func command(
        _ surroundings: ClientSurroundings, secrets: [SecretValue]
    ) throws(Failure) -> ClientCommand {
        guard let password = secrets.first, !password.bytes.contains(0x0a) else {
            throw Failure(
                .configuration,
                "the password for openconnect has a line break in it, which it cannot take")
        }
        // After a loss openconnect would wait ten seconds for each further try, with a device that
        // swallows packets; a new dial is quicker. Not where a person would have to be asked again.
        let patience = client.password == .ask ? 300 : 0
        var arguments = [
            "--protocol=\(client.protocolName)", "--non-inter", "--passwd-on-stdin",
            "--user=\(client.username)", "--interface=\(client.device)",
            "--script=\(surroundings.script)",
            // A gateway that vanished is noticed within a minute.
            "--force-dpd=10", "--reconnect-timeout=\(patience)",
        ]
        if let certificate = client.serverCertificate {
            arguments.append("--servercert=\(certificate)")
        }
        // TLS needs the name, and the route is pinned for the address.
        let isLiteral = Address.parse(client.host) != nil
        if let address = surroundings.address, !isLiteral {
            arguments.append("--resolve=\(client.host):\(address)")
        }
        let name = client.host.contains(":") ? "[\(client.host)]" : client.host
        arguments.append("https://\(name):\(client.port)/")
        // With --non-inter it reads on after the password, and takes the end of its input for a no.
        return ClientCommand(
            executable: "openconnect", arguments: arguments, input: password.bytes + [0x0a],
            takesAnswers: true)
    }

    func question(log: String) -> ClientQuestion? {
        switch OpenConnectQuestion(log: log) {
        case .further(let words):
            .person(
                SecretRequest(
                    secret: .ask,
                    purpose: "answer of \(client.username) to \"\(words)\" at \(client.host)"))
        case .other: .nobody
        case nil: nil
        }
    }

    func failure(log: String, exit: ProcessExit, wasReady: Bool) -> Failure {
        OpenConnectOutput.failure(log: log, exit: exit, wasReady: wasReady, gateway: client.host)
    }
}
