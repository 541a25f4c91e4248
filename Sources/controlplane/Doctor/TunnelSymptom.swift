internal import Protocol

/// What a tunnel suffers from although its client says that it is up. Pure.
enum TunnelSymptom: Equatable, Sendable {
    /// The gateway let us in and would not open a connection; its own word.
    case forwardingRefused(String)
    /// Packets go out by the tunnel's device, and none come back.
    case silent
    /// Connections through ssh have been opening for so many seconds, and none was answered.
    case unanswered(seconds: Int)
    /// What keeps it up is noise, which the default of `keep-up` does not count: the flow, and the
    /// filter's word for it.
    case keptUpByNoise(flow: String, word: String)

    /// - Parameters:
    ///   - before: packets that the device had received before a connection failed; nil where there
    ///     was no device yet.
    ///   - after: the same afterwards.
    /// - Returns: nil where anything ever came, since the target itself may be silent.
    init?(receivedBefore before: UInt64?, after: UInt64?) {
        guard let after, after == 0, (before ?? 0) == 0 else { return nil }
        self = .silent
    }

    /// - Returns: nil where the gateway could not, rather than would not, open the connection.
    init?(refusal reason: String) {
        // RFC 4254, 5.1: SSH_OPEN_ADMINISTRATIVELY_PROHIBITED.
        guard reason.hasPrefix("administratively prohibited") else { return nil }
        self = .forwardingRefused(reason)
    }

    /// - Returns: nil where a person may have wanted the flow.
    init?(keptUpBy flow: Flow) {
        let port = flow.target.port
        guard !PacketFilter.wanted.allows(ipProtocol: flow.ipProtocol, port: port) else {
            return nil
        }
        let name = [2: "igmp", 6: "tcp", 17: "udp", 58: "icmp6"][flow.ipProtocol] ?? "any"
        self = .keptUpByNoise(
            flow: DemandText.ends(flow), word: port == 0 ? name : "\(name)/\(port)")
    }

    /// Stable across versions: scripts may test for it.
    var code: String {
        switch self {
        case .forwardingRefused: FindingCode.forwardingRefused.rawValue
        case .unanswered: FindingCode.tunnelUnanswered.rawValue
        case .silent: FindingCode.tunnelSilent.rawValue
        case .keptUpByNoise: FindingCode.keptUpByNoise.rawValue
        }
    }

    /// Whether it is known to keep connections from being made.
    var isObstacle: Bool {
        switch self {
        case .forwardingRefused, .silent: true
        case .unanswered, .keptUpByNoise: false
        }
    }

    /// After "network NAME:" or "the tunnel is up, but".
    var text: String {
        switch self {
        case .forwardingRefused(let reason):
            "the gateway lets us in and refuses to open connections (\(reason))"
        case .unanswered(let seconds):
            "connections have been opening for \(seconds) s and nobody has answered one"
        case .silent:
            "packets go out by the tunnel and none come back"
        case .keptUpByNoise(let flow, let word):
            "noise keeps it up (\(word), which `keep-up` counts as use): \(flow)"
        }
    }

    /// What to do about it.
    func fix(_ network: String) -> String {
        switch self {
        case .forwardingRefused:
            "the gateway's sshd must have AllowTcpForwarding and PermitOpen for this account; what "
                + "it grants shows: dvpnctl gateway check \(network)"
        case .unanswered:
            "the gateway may be gone, which ssh notices within a minute, or what they want is silent; "
                + "dial anew: dvpnctl down \(network), then dvpnctl up \(network)"
        case .silent:
            "look on the gateway whether it forwards and has a way back to the tunnel's address; "
                + "dial anew: dvpnctl down \(network), then dvpnctl up \(network)"
        case .keptUpByNoise(_, let word):
            "leave `keep-up` out of [network.filter], or begin it with \"!\(word)\""
        }
    }
}
