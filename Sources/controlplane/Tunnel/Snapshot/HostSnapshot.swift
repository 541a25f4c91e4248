/// What of the host a foreign script may change, as it was at one time.
struct HostSnapshot: Equatable, Sendable, Codable {
    /// Of this format; a snapshot of another version is left alone.
    var version = 1
    let tunnel: String
    /// The tunnel's device: a default route into it is the script's.
    let device: String
    /// The gateway's address, to which such scripts add a route; nil where it was not known.
    let gateway: String?
    /// Routes do not outlive a boot (`/proc/sys/kernel/random/boot_id`).
    let boot: String
    var defaultRoutes: [MainRoute] = []
    var gatewayRoutes: [MainRoute] = []
    var resolver: ResolverSnapshot
    /// Name servers that the gateway pushed, once they are known: where resolv.conf names them
    /// after the tunnel's end, the script has left them there.
    var nameServers: [String] = []
}
