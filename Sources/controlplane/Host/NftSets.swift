internal import Protocol

/// The content of the nftables sets, each the elements of one `add element`.
struct NftSets: Equatable, Sendable {
    /// Interfaces whose forwarded packets may ring.
    let lan: [String]

    /// The devices that tunnels have, or will have.
    let tunnels: [String]

    /// Destinations whose TCP connections visit the doorbell wherever they are routed: of direct
    /// networks, and of spliced ones whose tunnel has a device. Behind other tunnels they are known
    /// by their route to the doorbell.
    let steered: ByFamily

    /// Destinations behind tunnels that have a device.
    let packets: ByFamily

    /// Those of them whose TCP is routed to the device like every other packet.
    let routed: ByFamily

    /// Destinations redirected at once. A tunnelled one must have its route as well, or be steered:
    /// where the port may be somebody else's it goes by the doorbell, which leads nobody to him.
    let eager: ByFamily

    /// What may leave this host only through the doorbell or a tunnel.
    let guarded: ByFamily

    /// Ports that are refused: destination, protocol and port.
    let blocked: ByFamily

    /// Interfaces whose packets to the rest of the world get this host's address.
    let masqueraded: [String]

    /// By which device it may leave.
    let ways: ByFamily

    /// The names of those that have no elements.
    var empty: Set<String> {
        var names: Set<String> = []
        for (name, elements) in [
            ("lan", lan), ("tunnels", tunnels), ("masqueraded", masqueraded),
        ] where elements.isEmpty {
            names.insert(name)
        }
        for (name, elements) in [
            ("steered", steered), ("packets", packets), ("routed", routed), ("eager", eager),
            ("private", guarded), ("ways", ways), ("blocked", blocked),
        ] {
            if elements.ipv4.isEmpty { names.insert("\(name)4") }
            if elements.ipv6.isEmpty { names.insert("\(name)6") }
        }
        return names
    }

    struct ByFamily: Equatable, Sendable {
        let ipv4: [String]
        let ipv6: [String]
    }

    init(
        _ labels: HostLabels, lan: [String], masquerade: Bool = false, listening: FamilySet? = nil
    ) {
        tunnels = Set(labels.blocks.compactMap(\.device)).sorted()
        // None of these is a LAN, and the doorbell among them would make everybody a client.
        self.lan = Set(lan).subtracting(["lo", HostNames.device] + tunnels).sorted()
        masqueraded = masquerade ? self.lan : []
        func elements(where chosen: (HostLabels.Block) -> Bool) -> ByFamily {
            ByFamily(
                ipv4: labels.ranges(.ipv4, where: chosen).map(\.nftElement),
                ipv6: labels.ranges(.ipv6, where: chosen).map(\.nftElement))
        }
        func hasDevice(_ block: HostLabels.Block) -> Bool {
            block.label == .tunnel && block.device != nil
        }
        steered = elements { $0.label == .direct || hasDevice($0) && !$0.isRouted }
        packets = elements(where: hasDevice)
        routed = elements { hasDevice($0) && $0.isRouted }
        let redirected = elements {
            $0.label.rawValue <= HostLabels.Label.direct.rawValue && $0.isEager
        }
        eager = ByFamily(
            ipv4: listening?.contains(.ipv4) == true ? redirected.ipv4 : [],
            ipv6: listening?.contains(.ipv6) == true ? redirected.ipv6 : [])
        guarded = elements { $0.label == .tunnel }
        let ports = labels.blocks.reduce(into: Set<UInt16>()) { $0.formUnion($1.blockedPorts) }
        func blocked(_ family: Family) -> [String] {
            ports.sorted().flatMap { port in
                labels.ranges(family) { $0.blockedPorts.contains(port) }.flatMap { range in
                    ["tcp", "udp"].map { "\(range.nftElement) . \($0) . \(port)" }
                }
            }
        }
        self.blocked = ByFamily(ipv4: blocked(.ipv4), ipv6: blocked(.ipv6))
        func ways(_ family: Family) -> [String] {
            labels.ranges(family).map { "\"\($0.device)\" . \($0.range.nftElement)" }
        }
        self.ways = ByFamily(ipv4: ways(.ipv4), ipv6: ways(.ipv6))
    }
}
