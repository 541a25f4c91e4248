/// One tunnel at run time: its machine, its back end, and what belongs to both. Confined to the
/// supervisor.
final class Tunnel {
    let key: TunnelSettings
    var machine: TunnelMachine
    let backend: any TunnelBackend

    /// Delivers the machine's deadline.
    var timer: Task<Void, Never>?
    /// Feeds the back end's events to the supervisor.
    var listener: Task<Void, Never>?
    /// The local sockets that the dataplane may use: path and capacity.
    var endpoints: [UInt32: (path: String, capacity: Int)] = [:]
    /// The gateway's address in use, kept out of its own tunnel by a route.
    var address: String?
    /// Since when the machine has been in its state, in milliseconds of CLOCK_REALTIME, and why.
    var since: Int64
    var reason = "start"
    /// The last failure and its time, kept after the tunnel has recovered.
    var lastFailure: (failure: Failure, at: Int64)?

    init(
        key: TunnelSettings, machine: TunnelMachine, backend: any TunnelBackend, since: Int64
    ) {
        self.key = key
        self.machine = machine
        self.backend = backend
        self.since = since
    }
}

/// How much goes on in a network, as the dataplane counts it.
struct NetworkActivity: Equatable, Sendable {
    var open = 0
    var opening = 0
    var parked = 0
}
