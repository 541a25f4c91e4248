import Testing

@testable import controlplane

/// What vpnc 0.5.3 really writes, captured word for word, and what we make of it.
private struct Captured: Sendable, CustomTestStringConvertible {
    let name: String
    let log: String
    let exit: ProcessExit
    let kind: Failure.Kind
    let evidence: String?

    init(
        _ name: String, _ exit: ProcessExit, _ kind: Failure.Kind, _ log: String,
        evidence: String? = nil
    ) {
        self.name = name
        self.log = log
        self.exit = exit
        self.kind = kind
        self.evidence = evidence
    }

    var testDescription: String { name }
}

private let dials = [
    Captured(
        "wrong group secret", .status(2), .authentication,
        """
        vpnc: hash comparison failed:  (ISAKMP_N_AUTHENTICATION_FAILED)(24)
        check group password!

        """, evidence: "vpnc: hash comparison failed:  (ISAKMP_N_AUTHENTICATION_FAILED)(24)"),
    Captured(
        "wrong user or password", .status(2), .authentication,
        "vpnc: authentication unsuccessful\n",
        evidence: "vpnc: authentication unsuccessful"),
    Captured(
        "status 2 in other words", .status(2), .authentication, "vpnc: no\n", evidence: "vpnc: no"),
    Captured(
        "unknown group", .status(1), .protocolError,
        "vpnc: response was invalid [1]:  (ISAKMP_N_INVALID_EXCHANGE_TYPE)(7)\n"),
    Captured(
        "no algorithm in common", .status(1), .protocolError,
        "vpnc: quick mode response rejected:  (ISAKMP_N_NO_PROPOSAL_CHOSEN)(14)\n"),
    Captured(
        "closed port", .status(1), .refused, "vpnc: receiving packet: Connection refused\n",
        evidence: "vpnc: receiving packet: Connection refused"),
    Captured(
        "ICMP prohibited", .status(1), .unreachable, "vpnc: receiving packet: No route to host\n"),
    Captured("unresolvable", .status(1), .nameNotResolved, "vpnc: unknown host `vpn.invalid'\n\n"),
    Captured("black hole", .status(1), .unreachable, "vpnc: no response from target\n"),
    Captured(
        "no route", .status(1), .unreachable,
        "vpnc: connecting to port 500: Network is unreachable\n"),
    Captured(
        "no tun", .status(1), .configuration,
        """
        can't open /dev/net/tun, check that it is either device char 10 200 or (with DevFS) a symlink to ../misc/net/tun (not misc/net/tun): No such file or directory
        vpnc: can't initialise tunnel interface: No such file or directory

        """),
    Captured(
        "kill -9 while dialling", .signal(9), .killed, ""),
    Captured(
        "nobody saw the end: the words alone", .unknown, .authentication,
        "vpnc: authentication unsuccessful\n"),
    Captured(
        "nothing known", .status(1), .unknown, "vpnc: something new\n",
        evidence: "vpnc: something new"),
]

private let ends = [
    Captured(
        "dead peer detection", .status(0), .lost,
        """
        vpnc: connection terminated by dead peer detection
        VPNC started in foreground...

        """, evidence: "vpnc: connection terminated by dead peer detection"),
    Captured("the peer ended it", .status(0), .lost, "vpnc: connection terminated by peer\n"),
    Captured(
        "peer killed", .status(1), .lost,
        """
        vpnc: recvfrom: Connection refused
        VPNC started in foreground...
        vpnc: can't send packet: Connection refused

        """, evidence: "vpnc: can't send packet: Connection refused"),
    Captured(
        "peer stopped", .status(1), .lost,
        "VPNC started in foreground...\nvpnc: receiving packet: Connection refused\n"),
    Captured(
        "our own link is down", .status(1), .lost,
        """
        vpnc: keepalive sendto: Network is unreachable
        VPNC started in foreground...
        vpnc: can't send packet: Network is unreachable

        """),
    Captured("peer deleted it", .status(1), .lost, "vpnc: no response from target\n"),
    Captured(
        "somebody's TERM", .status(0), .killed,
        """
        vpnc: select: Interrupted system call
        vpnc: terminated by signal: 15
        VPNC started in foreground...

        """, evidence: "vpnc: terminated by signal: 15"),
    Captured("kill -9", .signal(9), .killed, "VPNC started in foreground...\n"),
    Captured("an end without words", .status(0), .lost, "VPNC started in foreground...\n"),
    Captured("adopted, and nobody saw it", .unknown, .lost, ""),
    // What a concentrator says when keys are renewed is no judgement about credentials.
    Captured(
        "refused renewal", .status(1), .lost,
        "vpnc: quick mode response rejected:  (ISAKMP_N_AUTHENTICATION_FAILED)(24)\n"),
]

@Suite("what vpnc's end means")
struct VPNCOutputTests {
    @Test("a dial that failed", arguments: dials)
    private func dial(_ captured: Captured) { check(captured, wasReady: false) }

    @Test("a tunnel that was lost", arguments: ends)
    private func end(_ captured: Captured) { check(captured, wasReady: true) }

    private func check(_ captured: Captured, wasReady: Bool) {
        let failure = VPNC(client: .example).failure(
            log: captured.log, exit: captured.exit, wasReady: wasReady)
        #expect(failure.kind == captured.kind, "\(failure)")
        #expect(failure.locks == (captured.kind == .authentication))
        if let evidence = captured.evidence { #expect(failure.evidence == evidence) }
        #expect(!failure.message.contains("%"))
    }
}
