/// Whether this host's own programs come to private names, judged from resolv.conf.
enum ResolverCheck {
    /// - Parameters:
    ///   - nameservers: of resolv.conf.
    ///   - isOurs: whether an address is one of this host's.
    static func findings(
        _ settings: DNSSettings, nameservers: [Nameserver], isOurs: (Nameserver) -> Bool
    ) -> [NameFinding] {
        var findings: [NameFinding] = []
        if settings.host == .dnsmasq, let message = elsewhere(settings, nameservers, isOurs) {
            findings.append(NameFinding(code: .resolverElsewhere, message: message))
        }
        if settings.mode == .managed && settings.upstream.isEmpty
            && nameservers.allSatisfy({ settings.listen.contains($0.hostText) })
        {
            let message =
                nameservers.isEmpty
                ? "\(ResolverFile.path) names no server"
                : "\(ResolverFile.path) names dvpn's own dnsmasq alone"
            findings.append(
                NameFinding(
                    code: .noUpstream,
                    message: "\(message), which so has nobody to ask for public names"))
        }
        return findings
    }

    /// Why this host's own programs do not come to private names; nil where they do.
    static func elsewhere(
        _ settings: DNSSettings, _ nameservers: [Nameserver], _ isOurs: (Nameserver) -> Bool
    ) -> String? {
        if settings.host == .resolved { return nil }
        if settings.mode == .none { return "[dns] is not set: dvpn looks up no names" }
        if settings.mode == .managed && settings.port != Int(Nameserver.standardPort) {
            return "programs of this host ask port 53, but [dns] port is \(settings.port)"
        }
        let wanted =
            settings.mode == .managed
            ? "one of \(settings.listen.joined(separator: ", "))"
            : "an address of the system's dnsmasq, such as 127.0.0.1"
        let others = nameservers.filter { server in
            settings.mode == .managed
                ? !settings.listen.contains(server.hostText)
                : !isOurs(server) || isStub(server)
        }
        if nameservers.isEmpty {
            return "\(ResolverFile.path) names no server; private names need \(wanted)"
        }
        guard let other = others.first else { return nil }
        return "\(ResolverFile.path) names \(other.hostText), which knows no private names; "
            + "private names need \(wanted) and nothing else"
    }

    /// Where systemd-resolved listens: 127.0.0.53 and 127.0.0.54.
    private static func isStub(_ server: Nameserver) -> Bool {
        server.hostText == "127.0.0.53" || server.hostText == "127.0.0.54"
    }
}
