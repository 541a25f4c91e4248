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
    /// The local sockets that the dataplane may use.
    var endpoints: [UInt32: (endpoint: LocalEndpoint, capacity: Int)] = [:]
    /// The tunnel's device while it is up; nil where it has none.
    var device: TunnelDevice?
    /// Whether the device has the routes of its network.
    var isOpen = false
    /// Steps of opening and closing the device, one after the other.
    var work: Task<Void, Never>?
    /// Looks at the device's traffic while it is open.
    var monitor: Task<Void, Never>?
    /// What passed the device last, of that which counts.
    var keptUpBy: Flow?
    /// Whether those who connect are answered.
    var answers = AnswerWatch()
    /// Why the gateway would not open a connection, last; its own word.
    var refusal: String?
    /// The way to the gateway on which the tunnel was dialled.
    var outerPath: OuterPath?
    /// For what the client prints.
    var clientLines = LineLimit(perSecond: 20)
    /// Who wanted the last dial, for people: `192.168.1.7 wants 10.1.2.3:80`.
    var wish: String?
    /// What the dial waits for a person to tell, and why.
    var prompt: String?
    /// The gateway's address in use, kept out of its own tunnel by a route.
    var address: String?
    /// Since when the machine has been in its state, in milliseconds of CLOCK_REALTIME, and why.
    var since: Int64
    var reason = "start"
    /// The last failure and its time, kept after the tunnel has recovered.
    var lastFailure: (failure: Failure, at: Int64)?

    /// Whether nothing has come of dialling since then.
    var hasFailed = false

    /// Of its dials.
    var tally = TunnelTally()

    /// How the dataplane must treat packets: "up" only when they have a way to go.
    var dataState: TunnelMachine.DataState {
        let state = machine.dataState
        return state == .up && key.device != nil && !isOpen ? .dialling : state
    }

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

/// Bytes from a network and to it.
struct NetworkTraffic: Equatable, Sendable {
    var bytesIn: UInt64 = 0
    var bytesOut: UInt64 = 0

    static func += (sum: inout NetworkTraffic, other: NetworkTraffic) {
        // Wrapping, as the kernel's own counters do.
        sum.bytesIn &+= other.bytesIn
        sum.bytesOut &+= other.bytesOut
    }
}
