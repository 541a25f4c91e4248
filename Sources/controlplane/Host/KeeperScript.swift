/// What keeps tunnels with a device up: sets of the flows that went through lately, which netfilter
/// keeps by itself and which `KeeperListing` reads.
///
/// A flow counts that has seen an answer, under the addresses and ports of its first packet. TCP
/// counts where somebody has something to say: an acknowledgement alone may be a keepalive. A
/// spliced connection is the dataplane's to count.
enum KeeperScript {
    /// Flows of one sort, as their set's name says it.
    enum Sort: String, CaseIterable {
        case tcp
        case udp
        /// Everything else, and what the other sets have no room for: by addresses and protocol.
        case other
    }

    static func set(_ sort: Sort, _ family: Int) -> String { "kept_\(sort.rawValue)\(family)" }

    /// Lines that add the sets, for the table's objects.
    static let sets = Sort.allCases.flatMap { sort in
        [4, 6].map { family in
            let address = family == 4 ? "ipv4_addr" : "ipv6_addr"
            let rest = sort == .other ? "inet_proto" : "inet_service . inet_service"
            return
                "add set inet \(table) \(set(sort, family)) { type ifname . \(address) . \(address)"
                + " . \(rest); size \(flowsMax); flags dynamic,timeout; timeout 1h; }\n"
        }
    }.joined()

    /// The rules of the four chains: what counts, then in which set, on the way in and out.
    static func text(_ filters: TunnelFilters) -> String {
        [("in", "iifname"), ("out", "oifname")].map { way, device in
            NftText.rules(
                table, "keep_\(way)", always + counting(filters, device, "goto keeper_\(way)"))
                + NftText.rules(table, "keeper_\(way)", noting(filters, device))
        }.joined()
    }

    /// Of each set. A listing of all of them takes some ten milliseconds.
    private static let flowsMax = 4096

    private static let table = HostNames.steering

    private static let always = """
        ct mark 0x\(String(HostNames.probeMark, radix: 16)) return
        meta l4proto tcp ct original ip daddr @steered4 return
        meta l4proto tcp ct original ip6 daddr @steered6 return
        meta l4proto tcp tcp flags & (fin | syn | rst | psh) == 0x0 return

        """

    private static func counting(
        _ filters: TunnelFilters, _ device: String, _ verdict: String
    ) -> String {
        filters.keepUp.flatMap { group in
            group.key.deciding.map { rule in
                NftText.words(
                    device, NftText.oneOf(group.devices), NftMatch.flow(rule),
                    rule.isAllowed ? verdict : "return")
            }
        }.joined(separator: "\n")
    }

    private static func noting(_ filters: TunnelFilters, _ device: String) -> String {
        filters.timeoutMs.flatMap { group in
            Sort.allCases.flatMap { sort in
                [4, 6].map { family in
                    let ends = family == 4 ? "ip" : "ip6"
                    let key = "\(device) . ct original \(ends) saddr . ct original \(ends) daddr . "
                    let rest =
                        sort == .other
                        ? "meta l4proto" : "ct original proto-src . ct original proto-dst"
                    return NftText.words(
                        device, NftText.oneOf(group.devices),
                        sort == .other ? "" : "meta l4proto \(sort.rawValue)",
                        "update @\(set(sort, family)) { \(key)\(rest) timeout \(group.key)ms }",
                        "return")
                }
            }
        }.joined(separator: "\n")
    }
}
