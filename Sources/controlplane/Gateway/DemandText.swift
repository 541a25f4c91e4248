internal import Protocol

/// What the dataplane reports, in words for people.
enum DemandText {
    /// The packet that wants a network, such as `tcp 192.168.1.7:40122 → 10.1.2.3:80`.
    static func cause(_ demand: Demand) -> String {
        let name =
            switch demand.ipProtocol {
            case 6: "tcp"
            case 17: "udp"
            case 1, 58: "icmp"
            default: "protocol \(demand.ipProtocol)"
            }
        return "\(name) \(ends(demand.source, demand.target))"
    }

    /// The same for whoever is asked for a secret: `192.168.1.7 wants git.corp.example:22`.
    ///
    /// - Parameter name: the target's, if it is known.
    static func wish(_ demand: Demand, _ name: String?) -> String {
        let source = demand.source.address.text(demand.source.family)
        let (target, family) = (demand.target, demand.target.family)
        let host =
            name
            ?? (target.port == 0 || family == .ipv4
                ? target.address.text(family) : "[\(target.address.text(family))]")
        return "\(source) wants \(host)" + (target.port == 0 ? "" : ":\(target.port)")
    }

    static func ends(_ flow: Flow) -> String { ends(flow.source, flow.target) }

    static func ends(_ source: Endpoint, _ target: Endpoint) -> String {
        "\(end(source)) → \(end(target))"
    }

    /// `address:port`, an IPv6 address in brackets.
    static func end(_ endpoint: Endpoint) -> String {
        let address = endpoint.address.text(endpoint.family)
        return endpoint.family == .ipv6
            ? "[\(address)]:\(endpoint.port)" : "\(address):\(endpoint.port)"
    }
}
