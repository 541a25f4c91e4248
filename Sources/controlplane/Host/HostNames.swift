internal import Protocol

/// The names and numbers by which everything that dvpn makes on the host is recognised as dvpn's.
enum HostNames {
    /// The doorbell, a TUN device.
    static let device = "dvpn0"

    /// True for devices that dvpn makes, or has made.
    static func isOurs(_ device: String) -> Bool {
        device == HostNames.device || device.hasPrefix("dv-")
    }

    /// The doorbell's IPv4 address: 192.0.0.8 is RFC 7600's dummy address, which nobody else
    /// routes.
    static let address4 = "192.0.0.8"

    /// The doorbell's IPv6 address: a unique local one (RFC 4193) that spells dvpn.
    static let address6 = "fd64:7670:6e00::1"

    /// Where tunnel clients listen that cannot use a Unix socket.
    static let loopback = Address(ipv4: Limits.loopback).text(.ipv4)

    /// nftables table `inet dvpn`: who may ring, redirection, refusals, confinement of the
    /// doorbell.
    static let steering = "dvpn"

    /// nftables table `inet dvpn_guard`: no private packet leaves in the clear. It survives a
    /// crash.
    static let guarding = "dvpn_guard"

    /// nftables table of the recommended firewall, which is there only where a person wants it.
    static let firewall = "dvpn_firewall"

    /// The dataplane's TCP port, where netfilter redirects to and nobody connects.
    static let port = 3876

    /// Routing table of the private prefixes.
    static let privateTable: UInt32 = 3876

    /// Routing table whose default route is the doorbell, for marked packets.
    static let bellTable: UInt32 = 3877

    /// Preferences of our two `ip rule`s, before the main table's 32766.
    static let bellPreference: UInt32 = 3872
    static let privatePreference: UInt32 = 3874

    /// The routing protocol (rtnetlink(7), RTPROT_*) that marks routes and rules as ours.
    static let routeProtocol: UInt8 = 214

    /// Firewall mark of a SYN that goes to the doorbell, in the lowest byte; the others' bits stay.
    static let mark: UInt32 = 0xd0
    static let markMask: UInt32 = 0xff

    /// Firewall mark, all of it, of what the dataplane sends through its raw socket. Nobody without
    /// CAP_NET_ADMIN can change a socket's mark, so it tells these packets from all others.
    static let rawMark: UInt32 = 0xd6

    /// Firewall mark of what asks whether a tunnel carries anything, and of the flow that it begins:
    /// none of that counts as use.
    static let probeMark: UInt32 = 0xd7

    /// What netfilter writes into the DSCP of this host's own IPv6 packets on their way to the
    /// doorbell: they must go back through the raw socket.
    static let dscpLocal = 61

    /// What the dataplane writes into a packet's DSCP to have it refused.
    static let dscpReset = 63
    static let dscpUnreachable = 62
}
