internal import Protocol

/// What an own dnsmasq is told of the LAN's hosts (dnsmasq(8)): the lines that a restart is needed
/// for, and files that SIGHUP makes it read again.
enum LANConfiguration {
    /// - Parameters:
    ///   - hostsFile: of `hosts`; leasesFile: where dnsmasq keeps its leases.
    static func lines(
        _ dhcp: [DHCPSettings], hostsFile: String, leasesFile: String
    ) -> [String] {
        guard !dhcp.isEmpty else { return [] }
        var lines = [
            "dhcp-authoritative", "dhcp-leasefile=\(leasesFile)", "dhcp-hostsfile=\(hostsFile)",
        ]
        // DHCP has to listen on all addresses. By the name of the one interface that it is for, the
        // socket is bound to that. Loopback would be listened on as well, whatever `listen` says.
        lines += dhcp.map { "interface=\($0.interface)" } + ["except-interface=lo"]
        for settings in dhcp {
            // dnsmasq tags what comes by an interface with its name.
            let tag = "tag:\(settings.interface)"
            let (first, last) = (settings.first.text(.ipv4), settings.last.text(.ipv4))
            lines.append("dhcp-range=\(tag),\(first),\(last),\(settings.leaseSeconds)")
            // 0.0.0.0 is dnsmasq's word for its own address there: router and name server.
            lines += ["dhcp-option=\(tag),3,0.0.0.0", "dhcp-option=\(tag),6,0.0.0.0"]
        }
        var domains: Set<String> = []
        for settings in dhcp {
            guard let domain = settings.domain else { continue }
            lines.append("domain=\(domain),\(settings.interface)")
            if domains.insert(domain).inserted { lines.append("local=/\(domain)/") }
        }
        return lines
    }

    /// Hosts with an address of their own (`dhcp-hostsfile`).
    static func hosts(_ dhcp: [DHCPSettings]) -> String {
        dhcp.flatMap(\.hosts).map { host in
            [host.hardware, host.address, host.name].compactMap(\.self).joined(separator: ",")
                + "\n"
        }.joined()
    }

    /// Names that hold whether their host has a lease or not, as a hosts file.
    static func names(_ dhcp: [DHCPSettings]) -> String {
        dhcp.flatMap { settings in
            settings.hosts.compactMap { host in
                guard let name = host.name else { return nil }
                let whole = settings.domain.map { "\(name).\($0) " } ?? ""
                return "\(host.address) \(whole)\(name)\n"
            }
        }.joined()
    }
}
