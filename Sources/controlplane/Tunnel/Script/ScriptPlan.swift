/// What our script does when the tunnel is there: addresses, packet size, link. No routes, which
/// belong to the controlplane, and no resolver.
struct ScriptPlan: Equatable, Sendable {
    /// What ESP in UDP adds to a packet at most: 20 bytes of IP, 8 of UDP, 8 of ESP, 16 of
    /// initialisation vector, 17 of padding with its length, 16 of integrity check. vpnc says
    /// nothing, and the stock script takes off 88, so that an outer path of 1,500 bytes gives the
    /// 1,412 that every concentrator is used to; we do the same.
    static let overhead = 88
    /// IPv6 needs 1,280 bytes (RFC 8200 section 5), IPv4 576 (RFC 791).
    static let smallest4 = 576
    static let smallest6 = 1_280

    /// For one `ip -batch`.
    let lines: [String]
    let device: TunnelDevice

    /// - Parameters:
    ///   - outer: the path that carries the tunnel, as far as it is known.
    ///   - hasIPv6: whether this host's IPv6 is switched on.
    init(_ environment: ScriptEnvironment, outer: CarrierPath?, hasIPv6: Bool) {
        let address6 = hasIPv6 ? environment.address6 : nil
        let smallest = address6 == nil ? Self.smallest4 : Self.smallest6
        let mtu = max(smallest, environment.mtu ?? (outer?.mtu ?? 1_500) - Self.overhead)
        let name = environment.device
        var lines: [String] = []
        // A link-local address would make the kernel ask the tunnel for routers for ever.
        if hasIPv6 { lines.append("link set dev \(name) addrgenmode none") }
        lines.append("link set dev \(name) mtu \(mtu) up")
        if let address = environment.address4 {
            lines.append("address replace \(address)/32 dev \(name)")
        }
        if let address = address6 {
            lines.append("address replace \(address)/128 dev \(name) nodad")
        }
        self.lines = lines
        device = TunnelDevice(
            name: name, addresses: [environment.address4, address6].compactMap(\.self), mtu: mtu,
            pushed: environment.pushed, outerAddress: outer?.address)
    }
}
