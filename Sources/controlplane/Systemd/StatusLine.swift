/// dvpn in one sentence, for `systemctl status`.
struct StatusLine: Equatable, Sendable {
    /// A tunnel that is up, or that a person must look at.
    struct Tunnel: Equatable, Sendable {
        /// Its networks.
        let title: String
        /// Where it goes to, if that is known.
        let gateway: String?
    }

    var networks: Int
    var up: [Tunnel] = []
    var locked: [Tunnel] = []
    /// What keeps dvpn as a whole from working.
    var troubles: [String] = []

    /// More are only counted.
    private static let namedMax = 3

    var text: String {
        var parts = troubles.isEmpty ? [] : [Self.degraded(troubles)]
        parts.append(
            "\(networks) network\(networks == 1 ? "" : "s"), "
                + (up.isEmpty ? "none up" : "\(up.count) up: \(Self.list(up))"))
        if !locked.isEmpty {
            parts.append("\(locked.count) locked, see `dvpnctl status`: \(Self.list(locked))")
        }
        return parts.joined(separator: "; ")
    }

    /// Some are sentences.
    private static func degraded(_ troubles: [String]) -> String {
        "degraded: "
            + troubles.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
            .joined(separator: "; ")
    }

    private static func list(_ tunnels: [Tunnel]) -> String {
        let named = tunnels.sorted { $0.title < $1.title }.prefix(namedMax).map { tunnel in
            tunnel.title + (tunnel.gateway.map { " via \($0)" } ?? "")
        }
        let more = tunnels.count - named.count
        return (named + (more > 0 ? ["\(more) more"] : [])).joined(separator: ", ")
    }
}
