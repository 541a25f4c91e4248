internal import Protocol

/// What the dataplane knows of one private network.
struct Network {
    /// What happens to new connections.
    enum State: UInt8 {
        /// No tunnel: they are parked, and the first one raises a demand.
        case idle
        /// The tunnel is coming: they are parked.
        case dialling
        case up
        /// In hold-off or locked: they are answered at once.
        case refusing
    }

    enum Connector: UInt8 { case direct, socks }

    // From the table.
    var isConfigured = false
    var generation: UInt64 = 0
    var connector = Connector.direct
    var isEager = false
    var holdMicroseconds: UInt64 = 0
    /// Openings at once, and connections at once; 0 for no limit of its own.
    var halfOpenMax: UInt32 = 0
    var connectionsMax: UInt32 = 0
    /// Openings of one client address; 0 for no limit of its own.
    var halfOpenPerSourceMax: UInt32 = 0
    /// The tunnel's device, to which connections are bound; empty for none.
    var device = DeviceName()
    /// Its packets are held while it is down; TCP is among them, or is opened.
    var holdsPackets = false
    var routesTCP = false
    /// What may make its tunnel dial: a filter of the table, or 0 for everything.
    var filter: UInt16 = 0

    // From the state machine.
    var state = State.idle
    var refusesWithReset = false

    // What goes on now.
    var isDemanded = false
    var open: UInt32 = 0
    var engaged: UInt32 = 0
    var waiting: UInt32 = 0
    var parked = SlotQueue()
    var packets = SlotQueue()
    /// The first of its tunnel's local sockets.
    var endpoints: UInt32 = 0
    /// When the controlplane was last told that every local socket is full; 0 for never.
    var capacityReportedAt: UInt64 = 0

    // The list of networks whose figures the controlplane has not heard.
    var isDirty = false
    var dirtyNext: UInt32 = 0

    /// True where this protocol goes as packets, by the tunnel's route.
    @_noAllocation @_noLocks
    func routes(_ ipProtocol: UInt8) -> Bool {
        holdsPackets && (routesTCP || ipProtocol != Segment.tcp)
    }

    /// Openings and packets that wait for the tunnel.
    var held: UInt32 {
        @_noAllocation @_noLocks get { waiting + packets.count }
    }
}
