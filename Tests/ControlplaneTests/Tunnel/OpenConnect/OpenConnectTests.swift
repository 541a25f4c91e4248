import Testing

@testable import controlplane

/// What openconnect 9.01 really writes, captured, and what we make of it.
private struct Captured: Sendable, CustomTestStringConvertible {
    let name: String
    let log: String
    let exit: ProcessExit
    let kind: Failure.Kind

    init(_ name: String, _ exit: ProcessExit, _ kind: Failure.Kind, _ log: String) {
        self.name = name
        self.log = log
        self.exit = exit
        self.kind = kind
    }

    var testDescription: String { name }
}

private let opening = """
    POST https://198.51.100.1/
    Connected to 198.51.100.1:443
    SSL negotiation with 198.51.100.1
    Server certificate verify failed: signer not found

    """

private let dials = [
    Captured(
        "wrong password", .status(1), .authentication,
        opening + """
            Connected to HTTPS on 198.51.100.1 with ciphersuite (TLS1.2)-(AES-256-GCM)
            XML POST enabled
            Please enter your username.
            POST https://198.51.100.1/auth
            Please enter your password.
            POST https://198.51.100.1/auth
            Login failed.
            Please enter your password.
            Password:
            ***
            User input required in non-interactive mode
            Failed to complete authentication

            """),
    Captured(
        "wrong password, judged by PAM", .status(1), .authentication,
        opening + """
            XML POST enabled
            Please enter your username.
            POST https://198.51.100.1/auth
            Please enter your password.
            POST https://198.51.100.1/auth
            Got HTTP response: HTTP/1.1 401 Authentication failed
            Server '198.51.100.1' requested Basic authentication which is disabled by default
            Failed to complete authentication

            """),
    Captured(
        "a code that nobody gave", .status(1), .timedOut,
        opening + """
            XML POST enabled
            Please enter your username.
            POST https://198.51.100.1/auth
            Please enter your password.
            POST https://198.51.100.1/auth
            Please enter your OTP password.
            Password:
            ***
            User input required in non-interactive mode
            Failed to complete authentication

            """),
    Captured(
        "a wrong code", .status(1), .authentication,
        opening + """
            XML POST enabled
            Please enter your username.
            POST https://198.51.100.1/auth
            Please enter your password.
            POST https://198.51.100.1/auth
            Please enter your OTP password.
            Password:
            POST https://198.51.100.1/auth
            Got HTTP response: HTTP/1.1 401 Authentication failed
            Server '198.51.100.1' requested Basic authentication which is disabled by default
            Failed to complete authentication

            """),
    Captured(
        "no pin and no authority", .status(1), .hostKeyUnknown,
        opening + """

            Certificate from VPN server "198.51.100.1" failed verification.
            Reason: signer not found
            To trust this server in future, perhaps add this to your command line:
                --servercert pin-sha256:vW76OcrezBW+E+lOGkBQAKZX58IB2YIz+7Md+hFjLGk=
            SSL connection failure: Error in the certificate.
            Failed to open HTTPS connection to 198.51.100.1
            Failed to complete authentication

            """),
    Captured(
        "another certificate than the pinned one", .status(1), .hostKeyChanged,
        opening + """
            None of the 1 fingerprint(s) specified via --servercert match server's certificate: pin-sha256:vW76OcrezBW+E+lOGkBQAKZX58IB2YIz+7Md+hFjLGk=
            SSL connection failure: Error in the certificate.
            Failed to open HTTPS connection to 198.51.100.1
            Failed to complete authentication

            """),
    Captured(
        "expired", .status(1), .protocolError,
        """
        Certificate from VPN server "198.51.100.1" failed verification.
        Reason: certificate expired
        SSL connection failure: Error in the certificate.
        Failed to complete authentication

        """),
    Captured(
        "closed port", .status(1), .refused,
        """
        POST https://198.51.100.254/
        Failed to connect to 198.51.100.254:443: Connection refused
        Failed to connect to host 198.51.100.254
        Failed to open HTTPS connection to 198.51.100.254
        Failed to complete authentication

        """),
    Captured(
        "nobody there", .status(1), .unreachable,
        """
        POST https://198.51.100.77/
        Failed to connect to 198.51.100.77:443: No route to host
        Failed to connect to host 198.51.100.77
        Failed to open HTTPS connection to 198.51.100.77
        Failed to complete authentication

        """),
    Captured(
        "no such name", .status(1), .nameNotResolved,
        """
        POST https://nohost.invalid/
        getaddrinfo failed for host 'nohost.invalid': Temporary failure in name resolution
        Failed to open HTTPS connection to nohost.invalid
        Failed to complete authentication

        """),
    Captured("kill -9", .signal(9), .killed, opening),
    Captured("nothing known", .status(1), .unknown, "something new\n"),
]

private let ends = [
    Captured(
        "somebody's TERM", .status(0), .killed,
        "Send BYE packet: Aborted by caller\nUser cancelled (SIGINT/SIGTERM); exiting.\n"),
    Captured("kill -9", .signal(9), .killed, "Configured as 10.66.201.50\n"),
    Captured(
        "the gateway was stopped", .status(1), .lost,
        """
        Received server disconnect
        Send BYE packet: Server request
        Session terminated by server; exiting.

        """),
    Captured(
        "the gateway was killed", .status(1), .lost,
        """
        Read error on SSL session: The TLS connection was non-properly terminated.
        Failed to reconnect to host 198.51.100.1: Connection refused
        Reconnect failed
        CSTP reconnect failed; exiting

        """),
    Captured(
        "the way to the gateway is lost", .status(1), .lost,
        """
        DTLS Dead Peer Detection detected dead peer!
        CSTP Dead Peer Detection detected dead peer!
        Failed to reconnect to host 198.51.100.1: No route to host
        Reconnect failed
        CSTP reconnect failed; exiting

        """),
    Captured(
        "the gateway knows nothing of the session any more", .status(2), .lost,
        """
        Got inappropriate HTTP CONNECT response: HTTP/1.1 401 Cookie is not acceptable
        Cookie is no longer valid, ending session
        Reconnect failed
        Cookie was rejected by server; exiting.

        """),
    // Words of the dial are no reason for the end.
    Captured(
        "without a word", .unknown, .lost, opening + "Login failed.\nConfigured as 10.66.201.50\n"),
]

@Suite("openconnect")
struct OpenConnectTests {
    private let client = OpenConnectClient(
        host: "vpn.corp.example", device: "dv-work", username: "alice", password: .ask)

    private func arguments(
        _ client: OpenConnectClient, address: String? = "203.0.113.7"
    ) throws(Failure) -> [String] {
        try OpenConnect(client: client).command(
            ClientSurroundings(
                paths: ClientPaths(runtime: "/run/dvpn", tunnel: "work"), address: address,
                script: "'/usr/sbin/dvpn-controlplane' --tunnel-script"),
            secrets: [SecretValue("oc-Secret-1")]
        ).arguments
    }

    @Test("the command line, golden: by name for TLS, at the pinned address")
    func commandLine() throws {
        var pinned = client
        pinned.serverCertificate = "pin-sha256:AAAA"
        pinned.port = 8443
        #expect(
            try arguments(pinned) == [
                "--protocol=anyconnect", "--non-inter", "--passwd-on-stdin", "--user=alice",
                "--interface=dv-work", "--script='/usr/sbin/dvpn-controlplane' --tunnel-script",
                "--force-dpd=10", "--reconnect-timeout=300", "--servercert=pin-sha256:AAAA",
                "--resolve=vpn.corp.example:203.0.113.7", "https://vpn.corp.example:8443/",
            ])
    }

    @Test("a gateway given by its address needs no resolution")
    func literal() throws {
        let four = OpenConnectClient(
            host: "203.0.113.7", device: "d", username: "a", password: .ask)
        #expect(try arguments(four).last == "https://203.0.113.7:443/")
        #expect(try !arguments(four).contains { $0.hasPrefix("--resolve") })
        let six = OpenConnectClient(host: "2001:db8::1", device: "d", username: "a", password: .ask)
        #expect(try arguments(six, address: "2001:db8::1").last == "https://[2001:db8::1]:443/")
    }

    @Test("only where a person would have to be asked again a lost session is sought for long")
    func patience() throws {
        let stored = OpenConnectClient(
            host: "203.0.113.7", device: "d", username: "a", password: .file("/p"))
        #expect(try arguments(stored).contains("--reconnect-timeout=0"))
    }

    @Test("the password is a line of standard input, and nothing else is")
    func password() throws {
        let surroundings = ClientSurroundings(
            paths: ClientPaths(runtime: "/run/dvpn", tunnel: "work"), address: nil, script: "s")
        let program = OpenConnect(client: client)
        let command = try program.command(surroundings, secrets: [SecretValue("oc-Secret-1")])
        #expect(command.input == Array("oc-Secret-1\n".utf8))
        #expect(throws: Failure.self) {
            try program.command(surroundings, secrets: [SecretValue("a\nb")])
        }
    }

    @Test("a dial that failed", arguments: dials)
    private func dial(_ captured: Captured) { check(captured, wasReady: false) }

    @Test("a tunnel that was lost", arguments: ends)
    private func end(_ captured: Captured) { check(captured, wasReady: true) }

    private func check(_ captured: Captured, wasReady: Bool) {
        let failure = OpenConnect(client: client).failure(
            log: captured.log, exit: captured.exit, wasReady: wasReady)
        #expect(failure.kind == captured.kind, "\(failure)")
        #expect(!failure.message.contains("%"))
    }
}
