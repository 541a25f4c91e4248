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
    }

    let code: Code
    let message: String
}
