internal import Protocol

/// How a network's connections and packets are treated, as the table says.
struct Treatment {
    enum Connector: UInt8 { case direct, socks }

    var holdMicroseconds: UInt64 = 0
    /// Openings at once, and connections at once; 0 for no limit of its own.
    var halfOpenMax: UInt32 = 0
    var connectionsMax: UInt32 = 0
    /// Openings of one client address; 0 for no limit of its own.
    var halfOpenPerSourceMax: UInt32 = 0
    /// What may make its tunnel dial: a filter of the table, or 0 for everything.
    var filter: UInt16 = 0
    var connector = Connector.direct
    var isEager = false
    /// Its packets are held while it is down; TCP is among them, or is opened.
    var holdsPackets = false
    var routesTCP = false
    /// The tunnel's device, to which connections are bound; empty for none.
    var device = DeviceName()

    init() {}

    @_noAllocation @_noLocks
    init(_ settings: NetworkSettings, crew: Crew) {
        holdMicroseconds = UInt64(settings.holdMs) * 1_000
        halfOpenMax = crew.share(of: settings.halfOpenMax)
        connectionsMax = crew.share(of: settings.connectionsMax)
        halfOpenPerSourceMax = crew.share(of: settings.halfOpenPerSourceMax)
        filter = settings.filter
        connector = settings.connector == .direct ? .direct : .socks
        isEager = settings.mode == .eager
        holdsPackets = settings.holdsPackets
        routesTCP = settings.routesTCP
        device = settings.device
    }

    /// True where this protocol goes as packets, by the tunnel's route.
    @_noAllocation @_noLocks
    func routes(_ ipProtocol: UInt8) -> Bool {
        holdsPackets && (routesTCP || ipProtocol != Segment.tcp)
    }

    @_noAllocation @_noLocks
    func isSame(as other: Treatment) -> Bool {
        holdMicroseconds == other.holdMicroseconds && halfOpenMax == other.halfOpenMax
            && connectionsMax == other.connectionsMax
            && halfOpenPerSourceMax == other.halfOpenPerSourceMax && filter == other.filter
            && connector == other.connector && isEager == other.isEager
            && holdsPackets == other.holdsPackets && routesTCP == other.routesTCP
            && device == other.device
    }

    /// Equal for equal ones. Nobody from outside has a say in them, so that it needs no secret.
    var hash: UInt64 {
        @_noAllocation @_noLocks get {
            var hash = Hash.mixed(holdMicroseconds, UInt64(halfOpenMax) << 32 | UInt64(filter))
            hash = Hash.mixed(hash, UInt64(connectionsMax) << 32 | UInt64(halfOpenPerSourceMax))
            for index in 0..<Limits.deviceNameLength {
                hash = Hash.mixed(hash, UInt64(device.bytes[index]))
            }
            return hash
        }
    }
}

/// The different treatments, each once and with the number of networks that share it: all lines of a
/// gateway map are treated alike.
struct TreatmentTable {
    private let slots: Slab<Treatment>
    private let users: Slab<UInt32>
    private var list: SlotList
    private let chains: HashChains

    /// - Parameter capacity: networks; each has one at most.
    init(capacity: Int) {
        slots = Slab(count: capacity + 1)
        users = Slab(count: capacity + 1)
        list = SlotList(capacity: capacity)
        chains = HashChains(capacity: capacity)
        slots[0].holdMicroseconds = Self.untilTableMicroseconds
    }

    /// How long a client that an earlier process let in may wait for the first table, which says
    /// how its network is treated: until then it has treatment 0.
    private static var untilTableMicroseconds: UInt64 { 30_000_000 }

    subscript(slot: UInt32) -> Treatment {
        @_noAllocation @_noLocks get { slots[slot] }
    }

    /// One user more of this treatment.
    @_noAllocation @_noLocks
    mutating func take(_ treatment: Treatment) -> UInt32 {
        let hash = treatment.hash
        var slot = chains.first(hash)
        while slot != 0 && !slots[slot].isSame(as: treatment) { slot = chains.next(slot) }
        if slot == 0 {
            slot = list.take()
            precondition(slot != 0)
            slots[slot] = treatment
            users[slot] = 0
            chains.enter(slot, hash)
        }
        users[slot] += 1
        return slot
    }

    /// One user less; 0 is nobody's.
    @_noAllocation @_noLocks
    mutating func release(_ slot: UInt32) {
        guard slot != 0 else { return }
        users[slot] -= 1
        guard users[slot] == 0 else { return }
        chains.leave(slot, slots[slot].hash)
        list.free(slot)
    }
}
