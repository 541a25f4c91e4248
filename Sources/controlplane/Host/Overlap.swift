internal import Protocol

/// Subnets of this host that have addresses in common with private prefixes.
enum Overlap {
    static func findings(_ networks: [HostInput.Network], _ links: [LinkListing]) -> [HostFinding] {
        let tunnelled = networks.filter { $0.path == .tunnel }
        var findings: [HostFinding] = []
        let ours = Set(networks.compactMap(\.packets?.device) + [HostNames.device, "lo"])
        for link in links where !ours.contains(link.ifname) {
            for subnet in LinkListing.subnets([link], of: [link.ifname]) {
                let hits = tunnelled.compactMap { $0.prefixes.lazy.filter(subnet.overlaps).min() }
                guard let prefix = hits.min() else { continue }
                findings.append(finding(subnet, link.ifname, prefix))
            }
        }
        return findings
    }

    private static func finding(_ subnet: Prefix, _ name: String, _ prefix: Prefix) -> HostFinding {
        HostFinding(
            code: .subnetOverlap,
            message: "The subnet \(subnet.text) on \(name) overlaps the private prefix "
                + "\(prefix.text): of addresses in both only one side can be reached")
    }
}
