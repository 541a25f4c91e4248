internal import CLinux
internal import Protocol

/// How much of everything one worker holds, derived once from the descriptor limit and the number of
/// workers: they have equal shares, but any may have all the connections. Nothing grows later.
struct Sizing {
    let workers: Int
    /// RLIMIT_NOFILE, raised to its hard limit.
    let descriptors: Int
    /// For so many there is room in the kernel's table from the start, which is 8 bytes for each:
    /// beyond them it is doubled while everybody waits.
    var descriptorsAtStart: Int {
        @_noAllocation @_noLocks get { min(descriptors, 32_768) }
    }
    /// Relayed connections of all workers at once: two descriptors each.
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
    /// Pipes in the pool, two descriptors each, and how many of them may be large.
    let pipes: Int
    let largePipes: Int
    let networks: Int
    let prefixes: Int
    /// Local sockets of tunnel clients.
    let endpoints: Int

    /// Descriptors for listeners, queues, epoll, links, inboxes, spares and the shelf.
    static let reserved = 64, reservedPerWorker = 10

    /// - Parameters:
    ///   - descriptors: the limit; below 256 there is no useful service.
    ///   - workers: 1...`Limits.workersMax`.
    init(descriptors: Int, workers: Int = 1) {
        self.descriptors = descriptors
        self.workers = workers
        let pipes = min(PipePool.most, max(16, descriptors / 32))
        let reserved = Self.reserved + Self.reservedPerWorker * (workers - 1)
        // What pipes and the reserve leave: two descriptors each, from the time that the far side
        // is being opened.
        connections = max(16, min((descriptors - reserved - pipes * 2) / 2, 262_144))
        self.pipes = max(1, pipes / workers)
        largePipes = max(1, PipePool.largeMax / workers)
        openings = 16_384 / workers
        openingsPerSource = UInt32(6_144 / workers)
        engagedPerSource = UInt32(128 / workers)
        engagedPerNetwork = UInt32(max(1, min(1024, descriptors / 16) / workers))
        heldPackets = 2_048 / workers
        // Not shares: one flow is one worker's.
        heldPerNetwork = UInt32(min(512, heldPackets))
        heldPerSource = UInt32(min(256, heldPackets))
        networks = Limits.networksMax
        prefixes = Limits.prefixesMax
        endpoints = 4_096
    }

    /// Says the limits that an operator may run into.
    func announce() {
        Log.notice("limit: descriptors (RLIMIT_NOFILE):", descriptors)
        Log.notice("limit: open connections, 2 descriptors each:", connections)
        Log.notice("workers, each with an equal share of what follows:", workers)
        Log.notice("limit: connections being opened or held:", openings * workers)
        Log.notice("limit: of these for one source address:", Int(openingsPerSource) * workers)
        Log.notice(
            "limit: connecting at once for one source address:", Int(engagedPerSource) * workers)
        Log.notice("limit: connecting at once for one network:", Int(engagedPerNetwork) * workers)
        Log.notice("limit: packets held until a tunnel is up:", heldPackets * workers)
        Log.notice("limit: of these for one network, in one worker:", Int(heldPerNetwork))
        Log.notice("limit: of these for one source address, in one worker:", Int(heldPerSource))
        Log.notice("limit: bytes of a packet that is held:", HeldPackets.packetMax)
        Log.notice(
            "limit: memory for held packets, used as needed, KiB:", heldPackets * workers * 2)
        Log.notice("limit: pipes, lent while bytes are on the way:", pipes * workers)
        Log.notice("limit: networks:", networks)
        Log.notice("limit: prefixes:", prefixes)
    }
}
