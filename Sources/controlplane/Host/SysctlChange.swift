/// A setting under /proc/sys/net that dvpn changed, with its inverse.
struct SysctlChange: Codable, Equatable, Sendable {
    /// Path below /proc/sys/net, as `ipv4/conf/eth0/rp_filter`.
    let key: String
    /// The value before: what undoing writes.
    let was: String
    /// The value that dvpn wrote. Undoing leaves any other alone: somebody else's will by then.
    let now: String
}
