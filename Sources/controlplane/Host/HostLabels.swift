internal import Protocol

/// What each prefix that dvpn knows of is, one meaning for each.
///
/// A packet belongs to the longest prefix that matches it, as in a routing table. So a direct
/// network inside a tunnelled one, or a gateway inside its own prefix, needs no rule of precedence;
/// only two meanings of the very same prefix do, and there the one that keeps this host reachable
/// wins.
struct HostLabels {
    /// In ascending order of precedence.
    enum Label: Int {
        case tunnel
        case direct
        /// A subnet that is on a LAN interface: the clients themselves.
        case near
        /// Where a tunnel goes to.
        case gateway
    }

    private(set) var all: [Prefix: Label] = [:]

    /// The prefixes of networks whose far side is opened after the client was accepted.
    private(set) var eager: Set<Prefix> = []

    /// The tunnels' devices, by the prefixes behind them.
    private(set) var devices: [Prefix: String] = [:]

    /// Prefixes whose TCP is routed to the device like every other packet.
    private(set) var routed: Set<Prefix> = []

    init(_ input: HostInput) {
        for network in input.networks {
            for prefix in network.prefixes {
                add(prefix, network.path == .tunnel ? .tunnel : .direct, ipv6: input.ipv6)
                let isRouted = network.packets?.tcp == .route
                if isRouted { routed.insert(prefix) }
                if network.connect == .eager && !isRouted { eager.insert(prefix) }
                if let packets = network.packets { devices[prefix] = packets.device }
            }
        }
        for subnet in input.lanSubnets { add(subnet, .near, ipv6: input.ipv6) }
        for gateway in input.gateways { add(gateway, .gateway, ipv6: input.ipv6) }
        tunnels =
            AddressRange.chosen(all.filter { $0.value == .tunnel }.mapValues { _ in true }, .ipv4)
            + AddressRange.chosen(all.filter { $0.value == .tunnel }.mapValues { _ in true }, .ipv6)
    }

    /// True where some tunnelled prefix is around this one.
    func isInsideTunnel(_ prefix: Prefix) -> Bool {
        let range = AddressRange(prefix)
        var lower = 0
        var upper = tunnels.count
        while lower < upper {
            let middle = (lower + upper) / 2
            let candidate = tunnels[middle]
            if (candidate.family.rawValue, candidate.last) < (range.family.rawValue, range.first) {
                lower = middle + 1
            } else {
                upper = middle
            }
        }
        guard lower < tunnels.count, tunnels[lower].family == range.family else { return false }
        return tunnels[lower].first <= range.first && range.last <= tunnels[lower].last
    }

    /// The ranges whose longest matching prefix has a label that is chosen.
    func ranges(_ family: Family, where chosen: (Prefix, Label) -> Bool) -> [AddressRange] {
        var blocks: [Prefix: Bool] = [:]
        for (prefix, label) in all { blocks[prefix] = chosen(prefix, label) }
        return AddressRange.chosen(blocks, family)
    }

    /// The ranges behind each tunnel's device, ascending.
    func ranges(_ family: Family) -> [(range: AddressRange, device: String)] {
        var blocks: [Prefix: String?] = [:]
        for (prefix, label) in all {
            blocks[prefix] = .some(label == .tunnel ? devices[prefix] : nil)
        }
        return AddressRange.owned(blocks, family).compactMap { range, device in
            device.map { (range, $0) }
        }
    }

    /// The union of the tunnelled prefixes, ascending: IPv4, then IPv6.
    private var tunnels: [AddressRange] = []

    private mutating func add(_ prefix: Prefix, _ label: Label, ipv6: Bool) {
        guard ipv6 || prefix.family == .ipv4 else { return }
        if let known = all[prefix], known.rawValue > label.rawValue { return }
        all[prefix] = label
    }
}
