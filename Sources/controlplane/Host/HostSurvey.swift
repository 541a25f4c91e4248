internal import Protocol

/// What must be known of the host before anything is decided.
struct HostSurvey: Sendable {
    let links: [LinkListing]

    /// The caller's, completed with what only the host knows.
    let input: HostInput

    /// Devices of open tunnels that are there.
    let tunnels: [String]

    /// Settings to change.
    let settings: SysctlPlan

    let findings: [HostFinding]

    /// Reads interfaces and settings; changes nothing.
    ///
    /// - Parameter open: devices of tunnels that are open, or may be.
    static func take(
        _ host: any HostSystem, _ asked: HostInput, open: Set<String>
    ) async throws(HostError) -> HostSurvey {
        let links = try await links(host)
        let tunnels = links.map(\.ifname).filter(open.contains)
        var input = asked
        input.ipv6 = host.hasIPv6
        input.lanSubnets = LinkListing.subnets(links, of: input.lan)
        var values: [String: String] = [:]
        let interfaces = links.map(\.ifname).filter { $0 != HostNames.device }
        for key in SysctlPlan.keys(
            interfaces: interfaces, lan: input.lan, tunnels: tunnels,
            masquerade: input.masquerade)
        {
            values[key] = host.setting(key)
        }
        let settings = SysctlPlan.desired(
            values: values, interfaces: interfaces, lan: input.lan, tunnels: tunnels,
            ipv6: input.ipv6, masquerade: input.masquerade)
        return HostSurvey(
            links: links, input: input, tunnels: tunnels, settings: settings,
            findings: ipv6Finding(asked, hasIPv6: input.ipv6)
                + PortFinding.findings(input) + Overlap.findings(input.networks, links))
    }

    static func links(_ host: any HostSystem) async throws(HostError) -> [LinkListing] {
        try LinkListing.parse(
            try await host.run(.ip, ["-json", "-details", "address", "show"], input: ""))
    }

    private static func ipv6Finding(_ input: HostInput, hasIPv6: Bool) -> [HostFinding] {
        guard !hasIPv6, input.wants(.ipv6) else { return [] }
        return [.ipv6Off]
    }
}
