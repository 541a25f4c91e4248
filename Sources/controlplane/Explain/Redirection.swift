internal import Protocol

/// What the kernel has in dvpn's nftables table that decides over an address: the entries that
/// redirect, and the sets that it is in. Pure.
struct Redirection: Equatable, Sendable {
    /// Without the family's number at the end; those that say how a connection travels.
    enum Membership: String, CaseIterable, Sendable {
        /// Connections visit the doorbell wherever they are routed.
        case steered
        /// Accepted before the far side is.
        case eager
        /// Behind a tunnel with a device.
        case packets
        /// TCP goes there like every other packet.
        case routed
    }

    /// Chains with such entries: the one of what comes from a device (the doorbell, the LAN), and the
    /// one of what this host's own programs send.
    static let chains = ["redirect_in", "redirect_out"]

    /// Where this host's own connections go on that are accepted at once.
    static let eagerChain = "eager_out"

    /// The entries of each chain that is there.
    var entries: [String: [String]] = [:]
    var sets: [Membership] = []
    /// The port is one of `block-ports`.
    var isBlocked = false

    /// The entries to dvpn's port in what `nft list chain` says.
    static func entries(_ listing: String) -> [String] {
        listing.split(separator: "\n")
            .map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
            .filter { $0.hasSuffix("redirect to :\(HostNames.port)") }
    }

    /// The sets that a network's addresses belong in.
    static func sets(of network: Network) -> [Membership] {
        let hasDevice = network.packets != nil
        let isRouted = network.packets?.tcp == .route
        return Membership.allCases.filter { set in
            switch set {
            case .steered: network.tunnel == nil || (hasDevice && !isRouted)
            case .eager: network.connect == .eager && !isRouted
            case .packets: hasDevice
            case .routed: hasDevice && isRouted
            }
        }
    }

    /// Chains that should redirect and do not.
    var missing: [String] { Self.chains.filter { entries[$0]?.isEmpty ?? true } }
}
