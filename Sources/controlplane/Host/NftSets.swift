internal import Protocol

/// The content of the nftables sets, each the elements of one `add element`.
struct NftSets: Equatable, Sendable {
    /// Interfaces whose forwarded packets may ring.
    let lan: [String]

    /// Destinations of direct networks; tunnelled ones are known by their route to the doorbell.
    let direct: ByFamily

    /// Destinations redirected at once. A tunnelled one must have its route as well.
    let eager: ByFamily

    /// What may leave this host only through the doorbell or a tunnel.
    let guarded: ByFamily

    struct ByFamily: Equatable, Sendable {
        let ipv4: [String]
        let ipv6: [String]
    }

    init(_ labels: HostLabels, lan: [String]) {
        // Neither is a LAN, and the doorbell among them would make everybody a client.
        self.lan = Set(lan).subtracting(["lo", HostNames.device]).sorted()
        func elements(where chosen: (Prefix, HostLabels.Label) -> Bool) -> ByFamily {
            ByFamily(
                ipv4: labels.ranges(.ipv4, where: chosen).map(\.nftElement),
                ipv6: labels.ranges(.ipv6, where: chosen).map(\.nftElement))
        }
        direct = elements { $1 == .direct }
        eager = elements { prefix, label in
            label.rawValue <= HostLabels.Label.direct.rawValue && labels.eager.contains(prefix)
        }
        guarded = elements { $1 == .tunnel }
    }
}
