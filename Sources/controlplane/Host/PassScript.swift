/// What may pass tunnels with a device, in the direction of each flow's first packet.
enum PassScript {
    static func text(_ filters: TunnelFilters) -> String {
        let rules = filters.pass.filter { $0.key != .any }.flatMap { group in
            let devices = "oifname \(NftText.oneOf(group.devices))"
            let rules = group.key.deciding
            let lines = rules.map { rule in
                NftText.words(devices, NftMatch.packet(rule), rule.isAllowed ? "return" : denial)
            }
            return rules.last?.isForAll == true ? lines : lines + ["\(devices) \(denial)"]
        }
        return NftText.rules(HostNames.steering, "filter_out", rules.joined(separator: "\n"))
    }

    private static let denial = "counter name filtered drop"
}
