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

    /// What a person can do about it.
    var fix: String {
        switch code {
        case .kernelOld: "install a newer kernel (apt full-upgrade), and reboot"
        case .ipv6Off:
            "switch it on: sysctl net.ipv6.conf.all.disable_ipv6=0, then: dvpnctl reload; or leave "
                + "the IPv6 prefixes out"
        case .ipv6NotForwarded:
            "sysctl net.ipv6.conf.all.forwarding=1, and accept_ra=2 for the interface where this "
                + "host needs router advertisements; then: dvpnctl reload"
        case .lanMissing: "`ip link` lists those that are; it is served as soon as it comes"
        case .portTaken:
            "look who has it (ss -ltnp), end that, then: systemctl restart dvpn.target"
        case .subnetOverlap:
            "number one of the two anew, or give `prefixes` only the longer ones that are needed"
        case .deviceChanged, .routesChanged, .rulesChanged, .tableChanged, .settingChanged:
            "dvpn puts it back; have the other program leave alone what is dvpn's"
        }
    }

    static let ipv6Off = HostFinding(
        code: .ipv6Off,
        message: "IPv6 is off on this host: the IPv6 prefixes of the configuration are not served")

    static func notForwarded6(_ interface: String) -> HostFinding {
        HostFinding(
            code: .ipv6NotForwarded,
            message: "IPv6 from \(interface) is not forwarded, so that its hosts reach no private "
                + "IPv6 addresses")
    }

    static func lanMissing(_ interface: String) -> HostFinding {
        HostFinding(code: .lanMissing, message: "interface \(interface) of `lan` is not there")
    }

    /// For a log.
    var line: String { "\(message.hasSuffix(".") ? String(message.dropLast()) : message); \(fix)" }
}
