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
        var prefix = Prefix(family: .ipv4, length: 0, address: Address(high: 0, low: 0))
        var label: Label

        /// The far side is opened after the client was accepted.
        var isEager = false

        /// TCP is routed to the tunnel's device like every other packet.
        var isRouted = false

        /// The device of the tunnel that it is behind.
        var device: String?

        /// TCP and UDP ports that nobody reaches there.
        var blockedPorts: Set<UInt16> = []

        /// Some network has it, whatever else it is.
        var isNetwork = false
    }

    /// Ascending, each prefix once.
    let blocks: [Block]

    /// The union of the tunnelled prefixes, ascending: IPv4, then IPv6.
    private let tunnels: [AddressRange]

    init(_ input: HostInput) {
        var found: [Block] = []
        found.reserveCapacity(input.networks.reduce(0) { $0 + $1.prefixes.count })
        func add(_ block: Block) {
            if input.ipv6 || block.prefix.family == .ipv4 { found.append(block) }
        }
        for network in input.networks {
            var block = Block(label: network.path == .tunnel ? .tunnel : .direct)
            block.isNetwork = true
            block.isRouted = network.packets?.tcp == .route
            block.isEager = network.connect == .eager && !block.isRouted
            block.device = network.packets?.device
            block.blockedPorts = Set(network.blockedPorts)
            for prefix in network.prefixes {
                block.prefix = prefix
                add(block)
            }
        }
        for subnet in input.lanSubnets { add(Block(prefix: subnet, label: .near)) }
        for gateway in input.gateways { add(Block(prefix: gateway, label: .gateway)) }
        found.sort { $0.prefix < $1.prefix }
        blocks = Self.merged(found)
        let tunnelled = blocks.lazy.filter { $0.label == .tunnel }.map { ($0.prefix, true) }
        tunnels = AddressRange.chosen(tunnelled, .ipv4) + AddressRange.chosen(tunnelled, .ipv6)
    }

    /// Everything that is known of one prefix in one block.
    private static func merged(_ sorted: [Block]) -> [Block] {
        var blocks: [Block] = []
        blocks.reserveCapacity(sorted.count)
        for block in sorted {
            guard let last = blocks.last, last.prefix == block.prefix else {
                blocks.append(block)
                continue
            }
            var both = last
            if both.label.rawValue < block.label.rawValue { both.label = block.label }
            both.isNetwork = last.isNetwork || block.isNetwork
            both.isRouted = last.isRouted || block.isRouted
            both.isEager = last.isEager || block.isEager
            both.device = block.device ?? last.device
            both.blockedPorts.formUnion(block.blockedPorts)
            blocks[blocks.count - 1] = both
        }
        return blocks
    }

    /// True where some tunnelled prefix is around this one.
    func isInsideTunnel(_ prefix: Prefix) -> Bool { AddressRange(prefix).isInside(tunnels) }

    /// The ranges whose longest matching prefix is a chosen one.
    func ranges(_ family: Family, where chosen: (Block) -> Bool) -> [AddressRange] {
        // Most sets are empty, and a walk over all blocks is long.
        guard blocks.contains(where: { $0.prefix.family == family && chosen($0) }) else {
            return []
        }
        return AddressRange.chosen(blocks.map { ($0.prefix, chosen($0)) }, family)
    }

    /// The ranges behind each tunnel's device, ascending.
    func ranges(_ family: Family) -> [(range: AddressRange, device: String)] {
        guard blocks.contains(where: { $0.device != nil }) else { return [] }
        let owners = blocks.lazy.map { ($0.prefix, $0.label == .tunnel ? $0.device : nil) }
        return AddressRange.owned(owners, family).compactMap { range, device in
            device.map { (range, $0) }
        }
    }
}
