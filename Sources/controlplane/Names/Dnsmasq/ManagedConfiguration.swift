/// The configuration of a dnsmasq of our own (dnsmasq(8)): all that a restart is needed for. The
/// rules and the hosts are in files beside it, which SIGHUP makes it read again.
enum ManagedConfiguration {
    /// Queries that may be on their way at once. Those for a network that is being dialled wait for
    /// it; dnsmasq's own limit is 150.
    static let forwardMax = 1_000
    private static let cacheSize = 1_000

    /// - Parameter user: as whom dnsmasq goes on when it has opened its sockets.
    static func render(
        _ settings: DNSSettings, rules: DnsmasqRules, paths: NamePaths, user: String
    ) -> String {
        var lines = ["# Written by dvpn-controlplane for a dnsmasq of its own; changes are lost."]
        lines.append("port=\(settings.port)")
        lines += settings.listen.map { "listen-address=\($0)" }
        // An address that comes later, with its interface, is listened on then.
        lines += ["bind-dynamic", "user=\(user)"]
        // We know it by its pidfd, and read what it has to say from a file that is cut in time.
        lines += ["pid-file=", "log-facility=-"]
        if !settings.upstream.isEmpty {
            lines.append("no-resolv")
            lines += settings.upstream.map { "server=\($0.text)" }
        }
        lines += [
            "dns-forward-max=\(forwardMax)", "cache-size=\(cacheSize)",
            // Names without a dot and addresses of private networks are no public business.
            "domain-needed", "bogus-priv", "stop-dns-rebind",
        ]
        lines += rules.rebindLines
        lines += ["servers-file=\(paths.servers)", "addn-hosts=\(paths.hosts)"]
        lines += LANConfiguration.lines(
            settings.dhcp, hostsFile: paths.leaseHosts, leasesFile: paths.leases)
        return lines.map { $0 + "\n" }.joined()
    }
}
