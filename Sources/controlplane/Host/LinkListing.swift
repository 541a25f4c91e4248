internal import FoundationEssentials
internal import Protocol

/// What `ip -json -details address show` says of one network interface; the fields that dvpn needs.
struct LinkListing: Decodable, Equatable, Sendable {
    let ifname: String
    let flags: [String]
    let mtu: Int
    let txqlen: Int?
    let linkinfo: Info?
    let addresses: [Address]

    struct Info: Decodable, Equatable, Sendable {
        let info_kind: String?
        let info_data: Tun?
    }

    /// Of a TUN or TAP device; of other kinds every field is nil.
    struct Tun: Decodable, Equatable, Sendable {
        let type: String?
        let pi: Bool?
        let vnet_hdr: Bool?
        let multi_queue: Bool?
        let persist: Bool?
    }

    struct Address: Decodable, Equatable, Sendable {
        let family: String
        let local: String?
        let prefixlen: UInt8?
        let scope: String?

        /// The subnet that the address is in.
        var subnet: Prefix? {
            guard let local, let prefixlen else { return nil }
            return Prefix(listed: "\(local)/\(prefixlen)", family == "inet" ? .ipv4 : .ipv6)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case ifname, flags, mtu, txqlen, linkinfo
        case addresses = "addr_info"
    }

    /// The families in which packets can leave by a tunnel's device: those of its addresses, since
    /// what leaves gets one of them.
    var families: [Family] {
        guard flags.contains("UP") else { return [] }
        let there = Set(addresses.filter { $0.scope != "link" }.map(\.family))
        return Family.allCases.filter { there.contains($0 == .ipv4 ? "inet" : "inet6") }
    }

    /// Decodes the whole answer.
    static func parse(_ json: String) throws(HostError) -> [LinkListing] {
        // iproute2 writes an empty object for an interface that a filter left out.
        try ListingJSON.decode([Maybe<LinkListing>].self, json, "ip address").compactMap(\.value)
    }

    /// The subnets of the interfaces called `names`, link-local ones and single hosts left out.
    static func subnets(_ links: [LinkListing], of names: [String]) -> [Prefix] {
        let found = links.filter { names.contains($0.ifname) }.flatMap(\.addresses)
            .filter { $0.scope != "link" }.compactMap(\.subnet)
            .filter { $0.length < $0.family.bits }
        return Array(Set(found)).sorted()
    }
}
