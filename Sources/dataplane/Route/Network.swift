internal import Protocol

/// What the dataplane knows of one private network: small, because there is one for each that is
/// configured, used or not.
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

    /// When the controlplane was last told that every local socket is full; 0 for never.
    var capacityReportedAt: UInt64 = 0

    // From the table.
    /// Where its `Treatment` stands; 0 before the first table that names it.
    var treatment: UInt32 = 0

    // What goes on now.
    var open: UInt32 = 0
    var engaged: UInt32 = 0
    var waiting: UInt32 = 0
    var parked = SlotQueue()
    var packets = SlotQueue()
    /// The first of its tunnel's local sockets.
    var endpoints: UInt32 = 0
    /// The next of the networks whose figures the controlplane has not heard.
    var dirtyNext: UInt32 = 0
    var isDirty = false
    var isDemanded = false

    // From the table and the state machine.
    var isConfigured = false
    /// The table that arrives names it.
    var isStaged = false
    var state = State.idle
    var refusesWithReset = false

    /// Openings and packets that wait for the tunnel.
    var held: UInt32 {
        @_noAllocation @_noLocks get { waiting + packets.count }
    }
}
