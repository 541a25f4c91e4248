/// A word of `via`, and what it says about the network's other keys.
enum ViaWord: String, CaseIterable, Sendable {
    case ssh
    case vpnc
    case openconnect
    case command
    case direct

    /// Whether the tunnel has a network device, and so carries every kind of packet.
    var hasDevice: Bool {
        switch self {
        case .vpnc, .openconnect, .command: true
        case .ssh, .direct: false
        }
    }

    /// Whether the client says which name servers and domains its gateway pushes.
    var tellsPushed: Bool {
        switch self {
        case .vpnc, .openconnect: true
        case .ssh, .command, .direct: false
        }
    }

    /// What to do about a key that means nothing with this word; nil for any other.
    func remedy(for key: String) -> String? {
        switch key {
        case "ssh", "vpnc", "openconnect", "command":
            key == rawValue ? nil : "remove it or write via = \"\(key)\""
        case "gateway", "idle":
            self == .direct ? "remove it or write via = \"ssh\"" : nil
        case "prompt-timeout":
            tellsPushed ? nil : "only vpnc and openconnect can ask a person for a secret"
        case "domains", "dns":
            self == .direct
                ? "the names of a network that is routed already are your resolver's matter" : nil
        case "tcp", "accept-pushed", "probe", "stall", "filter":
            hasDevice ? nil : "only vpnc, openconnect and command carry packets"
        default:
            nil
        }
    }
}
