/// What openconnect's words mean. Its exit status is 1 for every failure and for every loss.
enum OpenConnectOutput {
    /// - Parameters:
    ///   - wasReady: the tunnel had stood; what ends it then is a loss, whatever the words.
    static func failure(log: String, exit: ProcessExit, wasReady: Bool, gateway: String) -> Failure
    {
        if !wasReady, case .further(let words) = OpenConnectQuestion(unansweredIn: log) {
            return Failure(
                .timedOut, "\(gateway) asks a further question, and got no answer",
                evidence: words)
        }
        let lines = OutputRule.lines(log)
        if let failure = OutputRule.first(
            wasReady ? losses : refusals + losses, in: lines, gateway: gateway)
        {
            return failure
        }
        if case .signal(let number) = exit {
            return Failure(
                .killed, "openconnect was ended by signal \(number), not by dvpn",
                evidence: lines.last)
        }
        return wasReady
            ? Failure(.lost, "the tunnel to \(gateway) ended", evidence: lines.last)
            : Failure(
                .unknown, "openconnect ended without a reason that dvpn knows",
                evidence: lines.last)
    }

    private static let refusals = [
        OutputRule(
            .hostKeyChanged, "specified via --servercert match",
            say: "% shows another certificate than server-cert names; if that is right, put the "
                + "new one there"),
        // A clock that is wrong after a boot mends itself: these do not lock.
        OutputRule(
            .protocolError, "Reason: certificate expired",
            say: "the certificate of % has expired, or this host's clock is wrong"),
        OutputRule(
            .protocolError, "Reason: certificate not yet activated",
            say: "the certificate of % is not valid yet, or this host's clock is wrong"),
        OutputRule(
            .hostKeyUnknown, "Reason: certificate does not match hostname",
            say: "% shows a certificate for another name"),
        OutputRule(
            .hostKeyChanged, "Reason: certificate revoked",
            say: "the certificate of % has been revoked"),
        OutputRule(
            .hostKeyUnknown, "failed verification",
            say: "no authority that this host trusts vouches for the certificate of %; pin it with "
                + "server-cert"),
        OutputRule(
            .authentication, "Login failed", say: "% refuses username or password"),
        OutputRule(
            .authentication, "Authentication failure: Account locked out",
            say: "% has locked the account"),
        OutputRule(
            .authentication, "Authentication failure", say: "% refuses username or password"),
        OutputRule(
            .authentication, "Password expired", say: "the password for % has expired"),
        OutputRule(
            .authentication, "client certificate", "required",
            say: "% wants a client certificate, which dvpn cannot show"),
        OutputRule(
            .authentication, "Certificate Validation Failure",
            say: "% wants a client certificate, which dvpn cannot show"),
        OutputRule(
            .authentication, "SAML", "required",
            say: "% wants a login by web browser, which dvpn cannot do"),
        OutputRule(
            .authentication, "Invalid authentication cookie", say: "% refuses the session"),
        // The password is given once; whoever asks for it again has refused it. A further question
        // is not among these.
        OutputRule(
            .authentication, "User input required in non-interactive mode",
            say: "% refuses username or password, or asks for more than these"),
        OutputRule(
            .protocolError, "Server asked us to run CSD hostscan",
            say: "% wants to run a program on this host, which dvpn does not allow"),
        OutputRule(.nameNotResolved, "getaddrinfo failed", say: "the name % has no address"),
        OutputRule(
            .refused, "Failed to connect to", "Connection refused",
            say: "% says that nothing listens on the port"),
        OutputRule(.unreachable, "Failed to connect to", say: "% does not answer"),
        OutputRule(
            .configuration, "Set up tun device failed",
            say: "openconnect cannot make its device; does another program have one of that name?"),
        OutputRule(
            .configuration, "Failed to bind local tun device",
            say: "openconnect cannot make its device; does another program have one of that name?"),
        OutputRule(
            .configuration, "unrecognized option", say: "this openconnect is too old for dvpn"),
        OutputRule(
            .configuration, "Unknown VPN protocol",
            say: "this openconnect does not know the configured protocol"),
        OutputRule(
            .protocolError, "SSL connection failure", say: "% and openconnect agree on no TLS"),
        // So ocserv ends a login where no other try is left: with PAM, or after a code.
        OutputRule(
            .authentication, "Got HTTP response", " 401 ", say: "% refuses username or password"),
        OutputRule(.protocolError, "Got HTTP response", say: "% refuses the tunnel"),
        OutputRule(
            .protocolError, "Unexpected", "result from server", say: "% is no gateway of that kind"),
        OutputRule(
            .protocolError, "Failed to complete authentication",
            say: "% is no gateway of the configured protocol"),
    ]

    private static let losses = [
        OutputRule(
            .lost, "Cookie was rejected by server", say: "% has ended the session"),
        OutputRule(
            .lost, "Cookie is no longer valid", say: "% has ended the session"),
        OutputRule(
            .lost, "Session terminated by server", say: "% has ended the session"),
        OutputRule(.lost, "VPN session expired", say: "the session at % has expired"),
        OutputRule(.lost, "Server terminated connection", say: "% has ended the session"),
        OutputRule(.lost, "terminates with reason", say: "% has ended the session"),
        OutputRule(.lost, "received server terminate packet", say: "% has ended the session"),
        OutputRule(
            .killed, "User cancelled", say: "openconnect was asked to end, and not by dvpn"),
        OutputRule(
            .killed, "User detached", say: "openconnect was asked to end, and not by dvpn"),
        OutputRule(.lost, "reconnect failed", say: "% stopped answering"),
        OutputRule(.lost, "Failed to reconnect to host", say: "% stopped answering"),
        OutputRule(.lost, "Dead Peer Detection detected dead peer", say: "% stopped answering"),
        OutputRule(.lost, "Unrecoverable I/O error", say: "the connection to % broke"),
    ]
}
