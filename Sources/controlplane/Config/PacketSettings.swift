internal import Protocol

/// How a network whose tunnel has a device carries packets: everything that is no tunnel setting,
/// so that a change of it does not end the tunnel.
struct PacketSettings: Hashable, Sendable {
    /// How TCP travels.
    enum TCP: String, Hashable, Sendable, CaseIterable {
        /// Each connection through the dataplane: a refusal is a refusal also while the tunnel is
        /// being dialled, and packet sizes are no concern of the client's.
        case splice
        /// Like every other packet: by the kernel.
        case route
    }

    /// The tunnel's device.
    let device: String

    var tcp = TCP.splice

    /// What may start the tunnel.
    var start = PacketFilter.wanted
    /// What may pass it.
    var pass = PacketFilter.any
    /// What counts as use of it.
    var keepUp = PacketFilter.wanted

    /// Whether the networks that the gateway pushes are added to the prefixes.
    var acceptsPushed = false

    /// An address behind the tunnel that answers; asked where there is doubt whether it carries
    /// anything. nil: the name servers that the gateway pushed.
    var probe: String?

    /// The tunnel counts as dead when packets went out and none came back for this long, in
    /// milliseconds; nil: never.
    var stallMs: Int? = ConfigDefaults.stallMs
}
