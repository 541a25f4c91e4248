internal import Reports

/// What a person can do about a network that cannot be dialled, by the failure's code. Pure.
enum Remedy {
    /// - Returns: one sentence or two, with the command that tries again.
    static func of(_ network: NetworkReport) -> String {
        let name = network.name
        let again =
            network.state == .locked
            ? "then: dvpnctl unlock \(name)"
            : "the next packet after the hold-off dials again; at once: dvpnctl up \(name)"
        let host = network.gateway.map { $0.split(separator: "@").last.map(String.init) ?? $0 }
        let gateway = host ?? "the gateway"
        let cause: String? =
            switch network.lastError.flatMap({ Failure.Kind(rawValue: $0.code) }) {
            case .authentication where network.via == "ssh":
                "put the account's right key where `identity` says, or ours among those that the "
                    + "gateway takes"
            case .authentication:
                "put the right secret where [network.\(network.via)] says, or, if that says `ask`, have "
                    + "it ready for dvpnctl login \(name)"
            case .hostKeyChanged, .hostKeyUnknown:
                network.via == "ssh"
                    ? "compare the gateway's key with what its administrator says; if it is right: "
                        + "dvpnctl gateway pin \(name) --replace"
                    : "compare the gateway's certificate with what its administrator says, and set "
                        + "`server-cert`"
            case .unreachable, .timedOut:
                "look whether the gateway runs and this host gets there: ping \(gateway)"
            case .refused: "look whether the server runs on the gateway, and at the port"
            case .nameNotResolved: "look at `gateway`, and whether this host can look it up"
            case .configuration: "mend what it names"
            case .declined: "answer what it asks: dvpnctl login \(name)"
            case .protocolError, .lost, .killed, .unknown, nil: nil
            }
        guard network.state == .locked else {
            return cause.map { "\($0); \(again)" } ?? again
        }
        return "\(cause ?? "mend the cause"), \(again)"
    }
}
