/// Something about the host that a person should know, found while applying or verifying.
struct HostFinding: Hashable, Sendable {
    /// Stable across versions: scripts may test for it.
    enum Code: String, Sendable, CaseIterable {
        /// The kernel is older than 5.10, the oldest that dvpn is made for.
        case kernelOld = "kernel-old"
        /// IPv6 is off: the IPv6 prefixes in the configuration are not served.
        case ipv6Off = "ipv6-off"
        /// IPv6 of the LAN is not forwarded, and dvpn will not switch it on for the whole host.
        case ipv6NotForwarded = "ipv6-not-forwarded"
        /// An interface listed in `lan` does not exist (yet).
        case lanMissing = "lan-missing"
        /// The dataplane could not have its port: the prefixes of a family are not served.
        case portTaken = "port-taken"
        /// A subnet of this host is inside a private prefix, which hides one from the other.
        case subnetOverlap = "subnet-overlap"
        /// A doorbell, route, rule, table or setting of ours is not as dvpn left it.
        case deviceChanged = "device-changed"
        case routesChanged = "routes-changed"
        case rulesChanged = "rules-changed"
        case tableChanged = "table-changed"
        case settingChanged = "setting-changed"
    }

    let code: Code
    let message: String
}
