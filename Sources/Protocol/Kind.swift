/// What a frame says. Below 0x8000 the controlplane speaks, from there on the dataplane.
///
/// The numbers are the contract: they are never reused.
public enum Kind: UInt16, CaseIterable, Sendable {
    /// The controlplane's first frame.
    case hello = 0x0001
    /// The doorbell's queues, as descriptors beside the frame's bytes.
    case device = 0x0002
    /// A raw socket for this host's own packets, as a descriptor beside the frame's bytes.
    case rawSocket = 0x0003
    /// Where connections are left for the next dataplane, as descriptors beside the frame's bytes.
    case shelf = 0x0004
    /// A new table starts.
    case tableBegin = 0x0010
    /// Networks of the new table.
    case networkChunk = 0x0011
    /// Prefixes of the new table.
    case prefixChunk = 0x0012
    /// The new table is whole and takes the old one's place.
    case tableCommit = 0x0013
    /// What the dataplane does with a network's traffic from now on.
    case networkState = 0x0014
    /// A tunnel client's local socket comes or goes.
    case endpoint = 0x0015
    /// A filter of the new table.
    case filterChunk = 0x0016
    /// A network's tunnel has ended.
    case tunnelLost = 0x0017
    /// A static forward comes, changes or goes; its listener is a descriptor beside the frame's bytes.
    case forward = 0x0018
    /// What is other than in the table in use.
    case tablePatch = 0x0019
    /// Asks for a pong.
    case ping = 0x0020
    /// Asks for open connections.
    case listConnections = 0x0021
    /// Ends one connection.
    case kill = 0x0022
    /// Asks for the counters.
    case statisticsRequest = 0x0023

    /// The dataplane's first frame.
    case dataplaneHello = 0x8001
    /// The answer to a request that has no answer of its own kind.
    case reply = 0x8002
    /// Somebody wants a network that is not up.
    case demand = 0x8010
    /// How much goes on in a network.
    case activity = 0x8011
    /// Connections wait because every endpoint of a network is full.
    case capacity = 0x8012
    /// An endpoint does not answer.
    case endpointFailed = 0x8013
    /// One connection: opened, closed or listed.
    case connection = 0x8014
    /// One connection on the shelf; never on a link.
    case keptConnection = 0x8015
    /// One SYN on the shelf; never on a link.
    case keptSYN = 0x8016
    /// The answer to a ping.
    case pong = 0x8020
    /// A page of listed connections ends.
    case listEnd = 0x8021
    /// The counters.
    case statistics = 0x8023

    /// The kind with this number; nil for one that this version does not know.
    ///
    /// Written out because the dataplane's annotated functions call it from another module, and the
    /// initialiser that the compiler makes carries no promise.
    @_noAllocation @_noLocks
    public init?(wire: UInt16) {
        switch wire {
        case 0x0001: self = .hello
        case 0x0002: self = .device
        case 0x0003: self = .rawSocket
        case 0x0004: self = .shelf
        case 0x0010: self = .tableBegin
        case 0x0011: self = .networkChunk
        case 0x0012: self = .prefixChunk
        case 0x0013: self = .tableCommit
        case 0x0014: self = .networkState
        case 0x0015: self = .endpoint
        case 0x0016: self = .filterChunk
        case 0x0017: self = .tunnelLost
        case 0x0018: self = .forward
        case 0x0019: self = .tablePatch
        case 0x0020: self = .ping
        case 0x0021: self = .listConnections
        case 0x0022: self = .kill
        case 0x0023: self = .statisticsRequest
        case 0x8001: self = .dataplaneHello
        case 0x8002: self = .reply
        case 0x8010: self = .demand
        case 0x8011: self = .activity
        case 0x8012: self = .capacity
        case 0x8013: self = .endpointFailed
        case 0x8014: self = .connection
        case 0x8015: self = .keptConnection
        case 0x8016: self = .keptSYN
        case 0x8020: self = .pong
        case 0x8021: self = .listEnd
        case 0x8023: self = .statistics
        default: return nil
        }
    }

    /// True where the dataplane is the sender.
    @inlinable public var isFromDataplane: Bool {
        @_noAllocation @_noLocks get { rawValue >= 0x8000 }
    }
}
