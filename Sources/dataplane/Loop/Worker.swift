internal import CLinux
internal import Protocol

/// Everything one thread of the dataplane owns, and the loop that drives it. All memory is mapped
/// in `init`; from `run` on nothing is allocated, which the compiler proves.
struct Worker: ~Copyable {
    let sizing: Sizing
    let crew: Crew
    /// This worker's number, from 0.
    let index: UInt32
    let inbox: Int32
    let epoll: Int32
    /// Port 3876 for IPv4 and IPv6, shared by all workers; -1 where a family is missing.
    let redirect4: Int32
    let redirect6: Int32
    let redirectPort: UInt16
    let control: Int32
    /// Users that may speak as the controlplane: root and this process's first one.
    let controlUser: UInt32

    /// CLOCK_MONOTONIC in microseconds, read once a pass of the loop.
    var now: UInt64
    /// The doorbell's queue, once the controlplane has handed it over; -1 before.
    var tun: Int32 = -1
    /// By which this host's own IPv6 packets go on; -1 before the controlplane has handed it over.
    var rawSocket: Int32 = -1
    /// Kept to be able to accept, and refuse, one more connection when descriptors run out.
    var spare: Int32

    var openings: OpeningTable
    var sources: SourceTable
    var timers: TimerWheel
    let packets: PacketStore
    /// Packets that wait for their network's tunnel, and the ends of their patience.
    var held: HeldPackets
    var heldTimers: TimerWheel
    var connections: ConnectionTable
    var pipes: PipePool
    let networks: Slab<Network>
    var treatments: TreatmentTable
    var endpoints: EndpointTable
    var prefixes: PrefixTable
    var stagedPrefixes: PrefixTable
    /// By number; the one with number 0 is empty and allows everything.
    var filters: Slab<PacketRules>
    var stagedFilters: Slab<PacketRules>
    /// Static forwards, in any order; slot 0 stays empty.
    let forwards: Slab<Forward>
    var link: ControlLink
    var statistics = Statistics()
    /// Follows a table of networks and prefixes while it arrives.
    var tableCheck = TableCheck()
    /// The generation of the one in use.
    var tableInUse: UInt64 = 0
    /// The highest number that a network ever had: beyond it is memory that nobody has touched.
    var networkLast: UInt32 = 0
    /// The settings of the networks in the table that arrives, from 1 on, until the commit.
    let stagedSettings: Slab<NetworkSettings>
    var stagedCount: UInt32 = 0
    /// The first prefix in use that a table which changes it has not taken over yet.
    var stagedFrom: UInt32 = 1
    /// 64 KiB for packets and copies, used within one call only.
    let scratch: Slab<UInt8>
    /// The one that is handed to another worker, and those that were handed to this one.
    let letters: Slab<Handed>
    /// Where connections are left at the end of this process, and how they get there.
    var shelf: ShelfEnds
    var parcel = Parcel()
    /// Connections that were taken from there, those for which this worker had no room, and those
    /// for which it had none.
    var taken = 0
    var notTaken = 0
    var notLeft = 0
    /// A process that is younger than its clients' SYNs knows by it that it is.
    var startedAt: UInt64
    let ready: Slab<dp_ready>

    /// The first table has come.
    var isServing = false
    /// The last wait had more than one event: queues are likely to hold more than one entry. When
    /// they do not, the read that finds nothing is a system call saved.
    var isLoaded = true
    var busyPoll = BusyPoll()
    var answers: RateLimit
    var needsPump = false
    var dirtyFirst: UInt32 = 0
    var dirtySince: UInt64 = 0
    var watchdog: Watchdog
    /// Openings connecting, negotiating or released.
    var engaged = 0
    /// Until then no far side is opened: the process has no descriptors left.
    var fullUntil: UInt64 = 0

    static let scratchLength = 65_536
    static let readyMax: Int32 = 128
    private static let lettersMax = 64

    init(
        _ sockets: borrowing Sockets, sizing: Sizing, crew: Crew = Crew(count: 1), index: Int = 0
    ) {
        self.sizing = sizing
        self.crew = crew
        self.index = UInt32(truncatingIfNeeded: index)
        watchdog = Watchdog(crew, of: self.index)
        inbox = crew.count > 1 ? crew.inbox(of: self.index) : -1
        now = dp_now_us()
        startedAt = now
        shelf = ShelfEnds(sockets)
        epoll = dp_epoll_create()
        guard epoll >= 0 else { Log.fatal("epoll_create1 failed: errno", Int(-epoll)) }
        redirect4 = sockets.redirect4
        redirect6 = sockets.redirect6
        redirectPort = sockets.redirectPort
        control = sockets.control
        controlUser = sockets.controlUser
        spare = dp_epoll_create()
        let seed = dp_random()
        openings = OpeningTable(capacity: sizing.openings, seed: seed)
        sources = SourceTable(capacity: sizing.openings + sizing.heldPackets, seed: seed)
        timers = TimerWheel(slots: sizing.openings + 1, now: now)
        packets = PacketStore(count: sizing.openings + 1)
        held = HeldPackets(capacity: sizing.heldPackets)
        heldTimers = TimerWheel(slots: sizing.heldPackets + 1, now: now)
        connections = ConnectionTable(capacity: sizing.connections)
        pipes = PipePool(count: sizing.pipes, large: sizing.largePipes)
        networks = Slab(count: sizing.networks + 1)
        treatments = TreatmentTable(capacity: sizing.networks)
        stagedSettings = Slab(count: sizing.networks + 1)
        endpoints = EndpointTable(capacity: sizing.endpoints)
        prefixes = PrefixTable(capacity: sizing.prefixes)
        stagedPrefixes = PrefixTable(capacity: sizing.prefixes)
        filters = Slab(count: Int(Limits.filtersMax) + 1)
        stagedFilters = Slab(count: Int(Limits.filtersMax) + 1)
        forwards = Slab(count: Limits.forwardsMax + 1)
        link = ControlLink()
        scratch = Slab(count: Self.scratchLength)
        letters = Slab(count: Self.lettersMax + 1)
        ready = Slab(count: Int(Self.readyMax))
        answers = RateLimit(perSecond: UInt64(1_000 / crew.count), now: now)
        guard control < 0 || share(control, .control, 0) == 0 else {
            Log.fatal("cannot watch the control socket")
        }
        guard inbox < 0 || watch(inbox, .inbox, 0) == 0 else { Log.fatal("cannot watch a pipe") }
        // The first one wakes the others.
        let bell = dp_end_bell()
        guard index > 0 || bell < 0 || watch(bell, .none, 0) == 0 else {
            Log.fatal("cannot watch for the end")
        }
    }

    /// Until the first table has come nobody can tell what is private: packets and connections wait
    /// in the queue and the backlog.
    @_noAllocation @_noLocks
    mutating func serve() {
        isServing = true
        if redirect4 >= 0 { _ = share(redirect4, .redirect, 4) }
        if redirect6 >= 0 { _ = share(redirect6, .redirect, 6) }
        if tun >= 0 { _ = watch(tun, .tun, 0) }
    }

    @_noAllocation @_noLocks
    func watch(_ descriptor: Int32, _ kind: Token.Kind, _ slot: UInt32) -> Int {
        dp_epoll_add_reader(epoll, descriptor, Token(kind, slot: slot).packed)
    }

    /// The same of a listener that other workers watch, too.
    @_noAllocation @_noLocks
    func share(_ descriptor: Int32, _ kind: Token.Kind, _ slot: UInt32) -> Int {
        dp_epoll_add_shared(epoll, descriptor, Token(kind, slot: slot).packed)
    }

    /// Serves until SIGTERM or SIGINT, which the first thread gets: its end is the process's.
    @_noAllocation @_noLocks
    mutating func run() {
        begin()
        while !dp_end_asked() { turn(waiting: watchdog.bounded(timeoutMilliseconds)) }
        leave()
    }

    /// One pass of the loop, which waits at most so long for events; -1 is for ever.
    @_noAllocation @_noLocks
    mutating func turn(waiting milliseconds: Int32) {
        let count = wait(milliseconds)
        now = dp_now_us()
        watchdog.turned(at: now)
        isLoaded = count > 1
        var index = 0
        while index < count {
            dispatch(ready[UInt32(truncatingIfNeeded: index)])
            index += 1
        }
        if shelf.mayHaveMore { takeParcel() }
        relayReady()
        expireOpenings()
        expirePackets()
        if needsPump { pump() }
        seasonConnections()
        reportActivity()
        if link.isDue { flushLink() }
    }

    /// The number of events, 0 where none came in time.
    @_noAllocation @_noLocks
    private mutating func wait(_ milliseconds: Int32) -> Int {
        let events = unsafe ready.pointer(to: 0)
        if busyPoll.isDue(), milliseconds != 0 {
            let end = dp_now_us() + UInt64(BusyPoll.microseconds)
            let count = unsafe dp_epoll_poll(epoll, events, Self.readyMax, BusyPoll.microseconds)
            // What was found late was found by others' grace, who had the processor meanwhile.
            busyPoll.asked(found: count > 0 && dp_now_us() < end)
            // A signal may have come while nobody slept.
            if count > 0 || dp_end_asked() { return count }
        }
        return unsafe dp_epoll_wait(epoll, events, Self.readyMax, milliseconds)
    }

    private var timeoutMilliseconds: Int32 {
        @_noAllocation @_noLocks get {
            if connections.hasReady || needsPump || shelf.mayHaveMore { return 0 }
            if timers.armed + heldTimers.armed > 0 { return 16 }
            if dirtyFirst != 0 { return 50 }
            return connections.young.first != 0 ? 500 : -1
        }
    }

    @_noAllocation @_noLocks
    private mutating func dispatch(_ event: dp_ready) {
        let token = Token(packed: event.token)
        switch token.kind {
        case .none: break
        case .tun: doorbellRang()
        case .redirect: acceptRedirected(token.slot == 4 ? .ipv4 : .ipv6)
        case .inbox: takeHanded()
        case .control: acceptControl()
        case .link: linkIsReady(event.events, token.generation)
        case .forward: acceptForwarded(token.slot)
        case .openingClient: openingClientIsReady(token, event.events)
        case .client, .upstream: legIsReady(token, event.events)
        }
    }

    @_noAllocation @_noLocks
    mutating func count(_ counter: Counter, by amount: UInt64 = 1) {
        statistics.add(amount, to: counter)
    }
}
