import Testing

@testable import controlplane

/// What OpenSSH 9.2 really writes, captured word for word, and what we make of it.
private struct Captured: Sendable, CustomTestStringConvertible {
    let name: String
    let log: String
    let kind: Failure.Kind
    let locks: Bool
    let evidence: String

    var testDescription: String { name }
}

private let dials: [Captured] = [
    Captured(
        name: "wrong key",
        log: "gw@127.0.0.1: Permission denied (publickey,password,keyboard-interactive).\r\n",
        kind: .authentication, locks: true,
        evidence: "gw@127.0.0.1: Permission denied (publickey,password,keyboard-interactive)."),
    Captured(
        name: "changed host key",
        log: """
            @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\r
            @    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r
            @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\r
            IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!\r
            Someone could be eavesdropping on you right now (man-in-the-middle attack)!\r
            It is also possible that a host key has just been changed.\r
            The fingerprint for the ED25519 key sent by the remote host is
            SHA256:fAk7sSeJ+nHb/CxKU5cCmdilxIqarq1Z78BV80rI2ik.\r
            Please contact your system administrator.\r
            Add correct host key in kh2 to get rid of this message.\r
            Offending ED25519 key in kh2:1\r
              remove with:\r
              ssh-keygen -f "kh2" -R "[127.0.0.1]:22022"\r
            Host key for [127.0.0.1]:22022 has changed and you have requested strict checking.\r
            Host key verification failed.\r

            """,
        kind: .hostKeyChanged, locks: true,
        evidence: "WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!"),
    Captured(
        name: "unknown host key",
        log: """
            No ED25519 host key is known for [gw.example]:22022 and you have requested strict checking.\r
            Host key verification failed.\r

            """,
        kind: .hostKeyUnknown, locks: true,
        evidence: "No ED25519 host key is known for [gw.example]:22022 and you have requested "
            + "strict checking."),
    Captured(
        name: "garbage for a key",
        log: """
            Load key "garb": error in libcrypto\r
            gw@127.0.0.1: Permission denied (publickey,password,keyboard-interactive).\r

            """,
        kind: .authentication, locks: true, evidence: "Load key \"garb\": error in libcrypto"),
    Captured(
        name: "a key that others may read",
        log: """
            @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\r
            @         WARNING: UNPROTECTED PRIVATE KEY FILE!          @\r
            @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\r
            Permissions 0644 for 'open' are too open.\r
            It is required that your private key files are NOT accessible by others.\r
            This private key will be ignored.\r
            Load key "open": bad permissions\r
            gw@127.0.0.1: Permission denied (publickey,password,keyboard-interactive).\r

            """,
        kind: .authentication, locks: true, evidence: "Load key \"open\": bad permissions"),
    Captured(
        name: "a closed port",
        log: "ssh: connect to host 127.0.0.1 port 1: Connection refused\r\n",
        kind: .refused, locks: false,
        evidence: "ssh: connect to host 127.0.0.1 port 1: Connection refused"),
    Captured(
        name: "no route",
        log: "ssh: connect to host fd99::1 port 22022: No route to host\r\n",
        kind: .unreachable, locks: false,
        evidence: "ssh: connect to host fd99::1 port 22022: No route to host"),
    Captured(
        name: "no answer",
        log: "ssh: connect to host 192.0.2.1 port 22: Connection timed out\r\n",
        kind: .unreachable, locks: false,
        evidence: "ssh: connect to host 192.0.2.1 port 22: Connection timed out"),
    Captured(
        name: "no such name",
        log: "ssh: Could not resolve hostname nosuch.invalid: Name or service not known\r\n",
        kind: .nameNotResolved, locks: false,
        evidence: "ssh: Could not resolve hostname nosuch.invalid: Name or service not known"),
    Captured(
        name: "a silent server",
        log: """
            Connection timed out during banner exchange\r
            Connection to 127.0.0.1 port 22099 timed out\r

            """,
        kind: .timedOut, locks: false, evidence: "Connection timed out during banner exchange"),
    Captured(
        name: "a server that hangs up, as MaxStartups does",
        log: """
            kex_exchange_identification: Connection closed by remote host\r
            Connection closed by 127.0.0.1 port 22098\r

            """,
        kind: .protocolError, locks: false,
        evidence: "kex_exchange_identification: Connection closed by remote host"),
    Captured(
        name: "a server that resets",
        log: """
            kex_exchange_identification: read: Connection reset by peer\r
            Connection reset by 127.0.0.1 port 22098\r

            """,
        kind: .protocolError, locks: false,
        evidence: "kex_exchange_identification: read: Connection reset by peer"),
    Captured(
        name: "no host key algorithm in common",
        log: "Unable to negotiate with 127.0.0.1 port 22022: no matching host key type found. "
            + "Their offer: ssh-ed25519\r\n",
        kind: .protocolError, locks: false,
        evidence: "Unable to negotiate with 127.0.0.1 port 22022: no matching host key type found. "
            + "Their offer: ssh-ed25519"),
    Captured(
        name: "no place for the forward's socket",
        log: """
            unix_listener: cannot bind to path /nonexistent/d1: No such file or directory\r
            Could not request local forwarding.\r

            """,
        kind: .configuration, locks: false,
        evidence: "unix_listener: cannot bind to path /nonexistent/d1: No such file or directory"),
    Captured(
        name: "no place for the control socket",
        log: "unix_listener: cannot bind to path /nonexistent/c1.GcYyi8WREDNuT4gO: "
            + "No such file or directory\r\n",
        kind: .configuration, locks: false,
        evidence: "unix_listener: cannot bind to path /nonexistent/c1.GcYyi8WREDNuT4gO: "
            + "No such file or directory"),
    Captured(
        name: "a control socket is there already",
        log: "ControlSocket /run/used already exists, disabling multiplexing\r\n",
        kind: .configuration, locks: false,
        evidence: "ControlSocket /run/used already exists, disabling multiplexing"),
    Captured(
        name: "an option that this ssh does not know",
        log: "command-line: line 0: Bad configuration option: frob\r\n",
        kind: .configuration, locks: false,
        evidence: "command-line: line 0: Bad configuration option: frob"),
    Captured(
        name: "words that nobody knows", log: "Segmentation fault\r\n", kind: .unknown,
        locks: false, evidence: "Segmentation fault"),
]

@Suite("what ssh's words mean")
struct SSHOutputTests {
    @Test("failed dials", arguments: dials)
    private func dial(captured: Captured) {
        let failure = SSHOutput.failure(
            log: captured.log, exit: .status(255), wasReady: false, settings: .example)
        #expect(failure.kind == captured.kind)
        #expect(failure.locks == captured.locks)
        #expect(failure.evidence == captured.evidence)
        #expect(!failure.message.isEmpty)
    }

    @Test("an adopted master's end, whose status nobody saw, has the same words")
    func unknownExit() {
        let failure = SSHOutput.failure(
            log: "Timeout, server 127.0.0.1 not responding.\r\n", exit: .unknown, wasReady: true,
            settings: .example)
        #expect(failure.kind == .lost)
        #expect(failure.message == "gw.example port 2222 stopped answering")
    }

    @Test("a master that worked was lost, never refused, whatever its log says of channels")
    func lossIsNoDialFailure() {
        let log = """
            channel 2: open failed: connect failed: Connection refused\r
            channel 3: open failed: administratively prohibited: open failed\r

            """
        let failure = SSHOutput.failure(
            log: log, exit: .status(255), wasReady: true, settings: .example)
        #expect(failure.kind == .lost)
        #expect(failure.evidence == nil)
    }

    @Test("a signal is told when nothing else is")
    func killed() {
        let failure = SSHOutput.failure(
            log: "", exit: .signal(9), wasReady: true, settings: .example)
        #expect(failure.kind == .killed)
        #expect(failure.message == "ssh was ended by signal 9, not by dvpn")
    }

    @Test("the sentences say what to do")
    func sentences() {
        let refused = SSHOutput.failure(
            log: dials[0].log, exit: .status(255), wasReady: false, settings: .example)
        #expect(
            refused.message
                == "gw.example port 2222 refuses user dvpn with /etc/dvpn/ssh/id_ed25519")
        let unknown = SSHOutput.failure(
            log: dials[2].log, exit: .status(255), wasReady: false, settings: .example)
        #expect(
            unknown.message
                == "/etc/dvpn/ssh/known_hosts holds no key of [gw.example]:2222; dvpnctl gateway "
                + "pin shows it, to be compared with the gateway's, and records it")
    }

    @Test("channel failures are counted by reason")
    func channelFailures() {
        let log = """
            channel 2: open failed: connect failed: Connection refused\r
            channel 3: open failed: connect failed: Name or service not known\r
            channel 3: open failed: connect failed: No route to host\r
            channel 12: open failed: connect failed: Connection refused\r
            channel 4: open failed: administratively prohibited: open failed\r
            channel x: open failed: connect failed: Connection refused\r
            client_loop: send disconnect: Broken pipe\r

            """
        #expect(
            SSHChannelFailure.count(in: log) == [
                "Connection refused": 2, "Name or service not known": 1, "No route to host": 1,
                "administratively prohibited: open failed": 1,
            ])
    }

    @Test("a gateway that invents reasons fills nothing")
    func inventedReasons() {
        let log = (0..<10_000).map { "channel 1: open failed: connect failed: reason \($0)\n" }
            .joined()
        let counts = SSHChannelFailure.count(in: log)
        #expect(counts.count == 8)
        #expect(counts["other reasons"] == 9_993)
    }
}
