internal import CLinux
internal import Protocol

/// How much of everything this process holds, derived once from the descriptor limit. Nothing grows
/// later.
struct Sizing {
    /// RLIMIT_NOFILE, raised to its hard limit.
    let descriptors: Int
    /// Relayed connections at once: two descriptors each.
    let connections: Int
    /// Openings at once. They hold no descriptor while parked.
    let openings: Int
    /// Openings of one source address at once: a host cannot fill the table alone.
    let openingsPerSource: UInt32
    /// Openings of one source, and of one network, that may be connecting or waiting for their
    /// client at once.
    let engagedPerSource: UInt32
    let engagedPerNetwork: UInt32
    /// Packets held at once, in all, for one network and of one source.
    let heldPackets: Int
    let heldPerNetwork: UInt32
    let heldPerSource: UInt32
    /// Pipes in the pool: two descriptors each.
    let pipes: Int
    let networks: Int
    let prefixes: Int
    /// Local sockets of tunnel clients.
    let endpoints: Int

    /// Descriptors for listeners, queues, epoll, the link and a spare.
    static let reserved = 64

    /// - Parameter descriptors: the limit; below 256 there is no useful service.
    init(descriptors: Int) {
        self.descriptors = descriptors
        pipes = min(PipePool.most, max(16, descriptors / 32))
        // What pipes and the reserve leave: two descriptors each, from the time that the far side
        // is being opened.
        connections = max(16, min((descriptors - Self.reserved - pipes * 2) / 2, 262_144))
        openings = 16_384
        openingsPerSource = 6_144
        engagedPerSource = 128
        engagedPerNetwork = UInt32(min(1024, descriptors / 16))
        heldPackets = 2_048
        heldPerNetwork = 512
        heldPerSource = 256
        networks = Limits.networksMax
        prefixes = Limits.prefixesMax
        endpoints = 4_096
    }

    /// Says the limits that an operator may run into.
    func announce() {
        Log.notice("limit: descriptors (RLIMIT_NOFILE):", descriptors)
        Log.notice("limit: open connections, 2 descriptors each:", connections)
        Log.notice("limit: connections being opened or held:", openings)
        Log.notice("limit: of these for one source address:", Int(openingsPerSource))
        Log.notice("limit: connecting at once for one source address:", Int(engagedPerSource))
        Log.notice("limit: connecting at once for one network:", Int(engagedPerNetwork))
        Log.notice("limit: packets held until a tunnel is up:", heldPackets)
        Log.notice("limit: of these for one network:", Int(heldPerNetwork))
        Log.notice("limit: of these for one source address:", Int(heldPerSource))
        Log.notice("limit: bytes of a packet that is held:", HeldPackets.packetMax)
        Log.notice("limit: memory for held packets, used as needed, KiB:", heldPackets * 2)
        Log.notice("limit: pipes, lent while bytes are on the way:", pipes)
        Log.notice("limit: networks:", networks)
        Log.notice("limit: prefixes:", prefixes)
    }
}
