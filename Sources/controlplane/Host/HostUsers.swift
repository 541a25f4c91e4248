/// The users as whom dvpn's programs run: how netfilter tells their packets from other programs'.
struct HostUsers: Equatable, Sendable {
    /// nil: there is no such user, and root runs the dataplane.
    var dataplane: UInt32?
    /// nil: there is no such user, and ssh does not run.
    var ssh: UInt32?

    /// Those whose own connections are never held. Not root: everybody's programs may be its.
    var exempt: [UInt32] { Set([dataplane, ssh].compactMap(\.self)).sorted() }

    /// Who may connect to tunnel clients on the loopback address.
    var callers: [UInt32] { Set([0, dataplane ?? 0]).sorted() }

    /// Who may listen there.
    var listeners: [UInt32] { Set([0, ssh ?? 0]).sorted() }
}
