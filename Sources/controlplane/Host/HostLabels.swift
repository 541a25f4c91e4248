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

    /// One prefix, and everything that is known of it.
    struct Block {
        let prefix: Prefix
        var label: Label

        /// The far side is opened after the client was accepted.
        var isEager = false

        /// TCP is routed to the tunnel's device like every other packet.
        var isRouted = false

        /// The device of the tunnel that it is behind.
        var device: String?

        /// TCP and UDP ports that nobody reaches there.
        var blockedPorts: Set<UInt16> = []
    }

    /// Ascending, each prefix once.
    let blocks: [Block]

    /// The union of the tunnelled prefixes, ascending: IPv4, then IPv6.
    private let tunnels: [AddressRange]

    init(_ input: HostInput) {
        var found: [Prefix: Block] = [:]
        func add(_ prefix: Prefix, _ label: Label, _ change: (inout Block) -> Void = { _ in }) {
            guard input.ipv6 || prefix.family == .ipv4 else { return }
            var block = found[prefix] ?? Block(prefix: prefix, label: label)
            if block.label.rawValue < label.rawValue { block.label = label }
            change(&block)
            found[prefix] = block
        }
        for network in input.networks {
            let isRouted = network.packets?.tcp == .route
            for prefix in network.prefixes {
                add(prefix, network.path == .tunnel ? .tunnel : .direct) { block in
                    if isRouted { block.isRouted = true }
                    if network.connect == .eager && !isRouted { block.isEager = true }
                    if let packets = network.packets { block.device = packets.device }
                    block.blockedPorts.formUnion(network.blockedPorts)
                }
            }
        }
        for subnet in input.lanSubnets { add(subnet, .near) }
        for gateway in input.gateways { add(gateway, .gateway) }
        let blocks = found.values.sorted { $0.prefix < $1.prefix }
        self.blocks = blocks
        let tunnelled = blocks.lazy.filter { $0.label == .tunnel }.map { ($0.prefix, true) }
        tunnels = AddressRange.chosen(tunnelled, .ipv4) + AddressRange.chosen(tunnelled, .ipv6)
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

    /// The ranges whose longest matching prefix is a chosen one.
    func ranges(_ family: Family, where chosen: (Block) -> Bool) -> [AddressRange] {
        AddressRange.chosen(blocks.map { ($0.prefix, chosen($0)) }, family)
    }

    /// The ranges behind each tunnel's device, ascending.
    func ranges(_ family: Family) -> [(range: AddressRange, device: String)] {
        let owners = blocks.lazy.map { ($0.prefix, $0.label == .tunnel ? $0.device : nil) }
        return AddressRange.owned(owners, family).compactMap { range, device in
            device.map { (range, $0) }
        }
    }
}
