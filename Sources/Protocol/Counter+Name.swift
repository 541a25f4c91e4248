extension Counter {
    /// The name in statistics output: that of the case.
    public var name: String {
        switch self {
        case .accepted: "accepted"
        case .paired: "paired"
        case .strays: "strays"
        case .loops: "loops"
        case .notPrivate: "notPrivate"
        case .synReceived: "synReceived"
        case .synRetransmitted: "synRetransmitted"
        case .synDropped: "synDropped"
        case .releasedSyn: "releasedSyn"
        case .refusedReset: "refusedReset"
        case .refusedUnreachable: "refusedUnreachable"
        case .connectsStarted: "connectsStarted"
        case .connectFailures: "connectFailures"
        case .connectTimeouts: "connectTimeouts"
        case .openNow: "openNow"
        case .openingNow: "openingNow"
        case .parkedNow: "parkedNow"
        case .bytesIn: "bytesIn"
        case .bytesOut: "bytesOut"
        case .pipesInUse: "pipesInUse"
        case .pipeExhausted: "pipeExhausted"
        case .acceptFailures: "acceptFailures"
        case .framesUnknown: "framesUnknown"
        case .linkErrors: "linkErrors"
        case .returnedPackets: "returnedPackets"
        case .strayPackets: "strayPackets"
        case .recordsDropped: "recordsDropped"
        case .packetsParked: "packetsParked"
        case .packetsReleased: "packetsReleased"
        case .packetsRefused: "packetsRefused"
        case .packetsDropped: "packetsDropped"
        case .packetsFiltered: "packetsFiltered"
        }
    }
}
