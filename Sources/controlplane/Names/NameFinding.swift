/// Something about names that a person should know.
struct NameFinding: Hashable, Sendable {
    /// Stable across versions: scripts may test for it.
    enum Code: String, Sendable, CaseIterable {
        /// Our forwarder cannot listen: private names are not answered.
        case forwarderFailed = "forwarder-failed"
        /// dnsmasq could not be given the rules: private names are not answered as they should be.
        case dnsmasqFailed = "dnsmasq-failed"
        /// systemd-resolved could not be told.
        case resolvedFailed = "resolved-failed"
        /// This host's own programs ask somebody who knows no private names.
        case resolverElsewhere = "resolver-elsewhere"
        /// An own dnsmasq has nobody to ask for public names.
        case noUpstream = "no-upstream"
        /// A gateway bears the name of a private domain, and so cannot be excepted from it.
        case gatewayIsDomain = "gateway-is-domain"

        /// Those with which no question for a private name comes to us.
        static let breaking = [forwarderFailed, dnsmasqFailed, resolvedFailed, resolverElsewhere]
            .map(\.rawValue)
    }

    let code: Code
    let message: String

    /// What a person can do about it.
    var fix: String {
        switch code {
        case .forwarderFailed:
            "see who has that port (ss -lunp), or write another forwarder-port in [dns]; it is tried "
                + "again by itself"
        case .dnsmasqFailed:
            "mend what it names; it is tried again by itself; at once: dvpnctl reload"
        case .resolvedFailed:
            "see whether it runs: systemctl status systemd-resolved; it is told as soon as it does"
        case .resolverElsewhere:
            "under [dns] set mode, and host to \"dnsmasq\" or \"resolved\" (docs/names.md); see that "
                + "nothing else writes \(ResolverFile.path)"
        case .noUpstream: "write upstream in [dns]"
        case .gatewayIsDomain: "write its address as `gateway` instead"
        }
    }
}
