internal import Protocol

/// A far side that is being opened for a client: from its SYN (truthful) or from its accepted
/// connection (eager), until the connection can be relayed or is refused.
struct Opening {
    enum Phase: UInt8 {
        /// Unused, or in no list: it has just come, or is on its way from one to another.
        case free
        /// Waits in its network's list: for the tunnel, or for room in it.
        case parked
        /// Waits in its source's queue for its turn to connect.
        case queued
        /// connect() to the far side, or to the tunnel's local socket, is on its way.
        case connecting
        /// The SOCKS5 request is sent.
        case negotiating
        /// The far side is open; the SYN was written back and its connection has not been accepted
        /// yet.
        case released
    }

    var phase = Phase.free
    var isEager = false
    /// For stale epoll events: counts the users of this slot.
    var generation: UInt32 = 0

    var source = Endpoint(family: .ipv4, address: Address(high: 0, low: 0), port: 0)
    var target = Endpoint(family: .ipv4, address: Address(high: 0, low: 0), port: 0)
    var network: UInt32 = 0
    /// The tunnel's local socket in use; 0 for none.
    var endpoint: UInt32 = 0
    var sourceSlot: UInt32 = 0
    /// The static forward that it came by, and which of the slot's lives; 0 for none.
    var forward: UInt32 = 0
    var forwardGeneration: UInt32 = 0

    /// The accepted client of an eager opening, and the far side; -1 for none.
    var client: Int32 = -1
    var upstream: Int32 = -1
    /// True once epoll(7) knows the client.
    var isWatched = false
    /// The connection that it will be; 0 while it is not engaged.
    var connection: UInt32 = 0
    /// Bytes of the SOCKS5 answer read so far.
    var negotiated: UInt8 = 0

    /// The SYN as it is kept in the packet store, and what it says.
    var packetLength: UInt16 = 0
    /// It is an IPv6 one of this host's own programs.
    var isLocal = false
    var timestampOffset: UInt16 = 0
    var tcpOffset: UInt16 = 0
    var sequence: UInt32 = 0
    /// Ticks a second of the client's timestamp clock; 0 while unknown.
    var clockHertz: UInt64 = 0
    var firstTimestamp: UInt32 = 0

    // Times of CLOCK_MONOTONIC in microseconds.
    var firstSeen: UInt64 = 0
    var lastSeen: UInt64 = 0
    var connectStarted: UInt64 = 0
    var connectMicroseconds: UInt32 = 0
    var written: UInt64 = 0

    /// When the client has given up: every TCP doubles, or repeats, the time between its SYNs, so
    /// the next one is due no later after the last than that came after the first. Three seconds
    /// are added for the first ones.
    var staleAt: UInt64 {
        @_noAllocation @_noLocks get { lastSeen + (lastSeen - firstSeen) + 3_000_000 }
    }

    /// True while its client's SYN waits for the far side.
    var hasUnansweredSYN: Bool {
        @_noAllocation @_noLocks get {
            switch phase {
            case .free, .released: false
            case .parked, .queued, .connecting, .negotiating: !isEager
            }
        }
    }

    /// True while it takes one of its source's and network's turns.
    var isEngaged: Bool {
        @_noAllocation @_noLocks get {
            switch phase {
            case .free, .parked, .queued: false
            case .connecting, .negotiating, .released: true
            }
        }
    }
}
