/// What vpnc's words and exit status mean.
///
/// Its status is 2 for refused credentials and 1 for every other failure of a dial, but 0 for any
/// end of a tunnel that stood, a dead concentrator too; so the words decide, and the status only
/// where there are none that we know.
enum VPNCOutput {
    /// - Parameters:
    ///   - exit: `.unknown` when somebody else's child it was; then the log alone has to do.
    ///   - wasReady: the tunnel had stood; what ends it then is a loss, whatever the words.
    static func failure(log: String, exit: ProcessExit, wasReady: Bool, gateway: String) -> Failure
    {
        // A signal interrupts a wait, which vpnc reports like an error.
        let lines = OutputRule.lines(log).filter { !$0.contains("Interrupted system call") }
        if let failure = OutputRule.first(
            wasReady ? losses : refusals + losses, in: lines, gateway: gateway)
        {
            return failure
        }
        switch exit {
        case .signal(let number):
            return Failure(
                .killed, "vpnc was ended by signal \(number), not by dvpn", evidence: lines.last)
        case .status(2) where !wasReady:
            return Failure(
                .authentication, "\(gateway) refuses the credentials", evidence: lines.last)
        case .status, .unknown:
            return wasReady
                ? Failure(.lost, "the tunnel to \(gateway) ended", evidence: lines.last)
                : Failure(
                    .unknown, "vpnc ended without a reason that dvpn knows", evidence: lines.last)
        }
    }

    private static let refusals = [
        OutputRule(
            .authentication, "hash comparison failed",
            say: "% has another group secret than the one that is configured"),
        OutputRule(
            .authentication, "check group password",
            say: "% has another group secret than the one that is configured"),
        OutputRule(
            .authentication, "authentication unsuccessful", say: "% refuses username or password"),
        // The concentrator asked for the password again.
        OutputRule(
            .authentication, "can't reuse password", say: "% refuses username or password"),
        OutputRule(
            .authentication, "ISAKMP_N_AUTHENTICATION_FAILED",
            say: "% refuses the group or its secret"),
        OutputRule(
            .authentication, "ISAKMP_N_INVALID_HASH_INFORMATION",
            say: "% has another group secret than the one that is configured"),
        OutputRule(
            .protocolError, "ISAKMP_N_NO_PROPOSAL_CHOSEN",
            say: "% and vpnc have no algorithm in common; try another dh-group"),
        OutputRule(
            .protocolError, "ISAKMP_N_INVALID_EXCHANGE_TYPE",
            say: "% refuses to talk; does it know the group, and the dh-group?"),
        OutputRule(
            .protocolError, "too weak today",
            say: "% wants an algorithm that vpnc takes for too weak"),
        OutputRule(
            .nameNotResolved, "unknown host", say: "the name % has no address"),
        OutputRule(
            .configuration, "can't open /dev/net/tun",
            say: "vpnc cannot make its device; is the tun module loaded?"),
        OutputRule(
            .configuration, "can't initialise tunnel interface",
            say: "vpnc cannot make its device; does another program have one of that name?"),
        OutputRule(
            .configuration, "binding to source port", say: "vpnc cannot have its local port"),
        OutputRule(.configuration, "Failed to bind to", say: "vpnc cannot have its local port"),
        OutputRule(
            .configuration, "unknown nat traversal mode",
            say: "this vpnc does not know the configured nat-traversal"),
        OutputRule(
            .configuration, "IKE DH Group", "unsupported",
            say: "this vpnc does not know the configured dh-group"),
        OutputRule(
            .configuration, "vpnc: missing ", say: "vpnc did not take the configuration"),
        OutputRule(
            .protocolError, "response was invalid", say: "% answers something that vpnc refuses"),
        OutputRule(
            .protocolError, "rejected: ", say: "% answers something that vpnc refuses"),
        OutputRule(
            .protocolError, "can't respond to phase1 aggressive",
            say: "% wants a negotiation that vpnc does not know"),
        OutputRule(
            .refused, "receiving packet: Connection refused",
            say: "% says that nothing listens there; is it a concentrator?"),
        OutputRule(
            .refused, "can't send packet: Connection refused",
            say: "% says that nothing listens there; is it a concentrator?"),
        OutputRule(
            .unreachable, "no response from target", say: "% does not answer"),
        OutputRule(.unreachable, "No route to host", say: "there is no way to %"),
        OutputRule(.unreachable, "Network is unreachable", say: "there is no way to %"),
        OutputRule(
            .unreachable, "Permission denied", say: "this host's firewall forbids the way to %"),
    ]

    private static let losses = [
        OutputRule(.lost, "terminated by dead peer detection", say: "% stopped answering"),
        OutputRule(.lost, "terminated by peer", say: "% ended the tunnel"),
        OutputRule(
            .killed, "terminated by signal", say: "vpnc was asked to end, and not by dvpn"),
        OutputRule(.lost, "no response from target", say: "% stopped answering"),
        OutputRule(
            .lost, "Connection refused", say: "% is not there any more: it answers nothing"),
        OutputRule(.lost, "No route to host", say: "the way to % is lost"),
        OutputRule(.lost, "Network is unreachable", say: "the way to % is lost"),
    ]
}
