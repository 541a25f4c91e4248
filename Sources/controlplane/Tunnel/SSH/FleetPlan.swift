/// How many masters one tunnel needs, and which: the decisions, without the masters.
///
/// The tunnel is up while any master is ready. More masters are started when the dataplane queues
/// connections, and go away when they have been empty for long; the one with the lowest number
/// stays until the whole tunnel is stopped.
///
/// Where each connection has a master of its own (`isSingleUse`), a master is withdrawn once it is
/// in use and stopped once it is empty, the first one too: a tunnel that is up may have none.
struct FleetPlan: Sendable {
    /// One master.
    struct Slot: Equatable, Sendable {
        enum Phase: Equatable, Sendable {
            case starting
            /// In use; `emptySince` is the instant (ms) from which on it had no connection.
            case ready(emptySince: Int64?)
            /// Withdrawn from the dataplane; ends when its last connection has.
            case retiring
        }

        let id: UInt32
        var phase: Phase
        /// Connections that it takes: less than the others where its gateway allowed no more.
        var capacity: Int
        /// When (ms) that was found last, or more was allowed again; nil: it takes as many as others.
        var limitedAt: Int64?

        var isReady: Bool {
            if case .ready = phase { true } else { false }
        }
    }

    /// What the fleet must do, in order.
    enum Action: Equatable, Sendable {
        case start(id: UInt32)
        case announce(id: UInt32)
        case withdraw(id: UInt32)
        case stop(id: UInt32)
        /// The tunnel is up with its first ready master.
        case ready
        /// The dial failed.
        case failed(Failure)
        /// The last master of a tunnel that was up is gone.
        case ended(Failure)
        case note(String)
    }

    /// Connections per master, at least 1.
    let capacity: Int
    let mastersMax: Int
    let idleMs: Int64?
    let isSingleUse: Bool

    private(set) var slots: [Slot] = []
    /// Whether `ready` was said and the tunnel has not ended since.
    private(set) var isUp = false
    private var nextID: UInt32 = 1
    /// A further master failed to start: the next one not before this instant (ms).
    private var furtherNotBefore: Int64 = .min
    private var furtherFailures = 0
    private var saidFull = false
    private var saidLimited = false

    init(capacity: Int, mastersMax: Int, idleMs: Int64?, isSingleUse: Bool = false) {
        precondition(capacity >= 1 && mastersMax >= 1)
        self.capacity = capacity
        self.mastersMax = mastersMax
        self.idleMs = idleMs
        self.isSingleUse = isSingleUse
    }

    /// One that nobody came for: the connection that it was started for is gone.
    static let unusedMs: Int64 = 10_000

    /// A gateway may have refused for a passing reason: a master that may take fewer takes more again
    /// after so long, if somebody needs them.
    static let limitedMs: Int64 = 60_000

    /// How many connections a master takes.
    func capacity(of id: UInt32) -> Int {
        index(of: id).map { slots[$0].capacity } ?? capacity
    }

    /// A gateway allows a master no more than it has.
    mutating func full(_ id: UInt32, sessions: Int, now: Int64) -> [Action] {
        guard let index = index(of: id), slots[index].isReady else { return [] }
        let least = max(1, sessions)
        var actions: [Action] = []
        if least < slots[index].capacity {
            if !saidLimited {
                saidLimited = true
                actions = [
                    .note(
                        "the gateway allows an ssh master fewer than \(capacity) sessions; "
                            + "connections-per-master should be its MaxSessions")
                ]
            }
            slots[index].capacity = least
            slots[index].limitedAt = now
            actions.append(.announce(id: id))
        }
        return actions + needCapacity(queued: 1, now: now)
    }

    /// The tunnel is wanted.
    mutating func start() -> [Action] {
        slots.isEmpty ? [addSlot()] : []
    }

    /// A master of an earlier life works.
    mutating func adopt(id: UInt32) -> [Action] {
        precondition(!slots.contains { $0.id == id })
        slots.append(Slot(id: id, phase: .ready(emptySince: nil), capacity: capacity))
        slots.sort { $0.id < $1.id }
        reserve(through: id)
        isUp = true
        return [.announce(id: id)]
    }

    /// Numbers up to this one were used in an earlier life, and files may still bear them.
    mutating func reserve(through id: UInt32) {
        nextID = max(nextID, id &+ 1)
    }

    /// A master became ready.
    mutating func started(_ id: UInt32) -> [Action] {
        guard let index = index(of: id), slots[index].phase == .starting else { return [] }
        slots[index].phase = .ready(emptySince: nil)
        furtherFailures = 0
        saidFull = false
        defer { isUp = true }
        return isUp ? [.announce(id: id)] : [.announce(id: id), .ready]
    }

    /// A master failed to start, or ended unasked.
    mutating func ended(_ id: UInt32, _ failure: Failure, now: Int64, jitter: Double) -> [Action] {
        guard let index = index(of: id) else { return [] }
        let slot = slots.remove(at: index)
        var actions: [Action] = slot.isReady ? [.withdraw(id: id)] : []
        if slots.isEmpty {
            actions.append(isUp ? .ended(failure) : .failed(failure))
            isUp = false
        } else {
            // One that was on its way out is needed again when no other is left.
            if !isSingleUse, !slots.contains(where: { $0.isReady || $0.phase == .starting }) {
                slots[0].phase = .ready(emptySince: nil)
                actions.append(.announce(id: slots[0].id))
            }
            // The others carry on. A further master is a wish: not at any price, and with
            // credentials that were just refused not again in this tunnel's life.
            furtherFailures += 1
            furtherNotBefore =
                failure.locks
                ? .max
                : now + Backoff().delayMs(failures: furtherFailures, jitter: jitter)
            actions.append(
                .note("one of \(slots.count + 1) ssh masters is gone: \(failure.message)"))
        }
        return actions
    }

    /// The dataplane has connections that no master has room for.
    mutating func needCapacity(
        queued: Int, now: Int64, by worker: WorkerPart = WorkerPart()
    ) -> [Action] {
        guard isUp, queued > 0 else { return [] }
        if isSingleUse { return needOwn(queued: queued, now: now, by: worker) }
        var (actions, room) = allowMore(queued, now)
        var wanted = (max(0, queued - room) + capacity - 1) / capacity
        wanted -= slots.count { $0.phase == .starting }
        for index in slots.indices
        where wanted > 0 && slots[index].phase == .retiring && !isSingleUse {
            slots[index].phase = .ready(emptySince: nil)
            actions.append(.announce(id: slots[index].id))
            wanted -= 1
        }
        guard now >= furtherNotBefore else { return actions }
        while wanted > 0 && slots.count < mastersMax {
            actions.append(addSlot())
            wanted -= 1
        }
        if wanted > 0 && !saidFull {
            saidFull = true
            actions.append(
                .note("all \(mastersMax) ssh masters are full; \(queued) connections wait"))
        }
        return actions
    }

    /// Masters that took fewer for long enough take twice as many: if that is still too much, one try
    /// tells. Returns for how many more connections there is room now.
    private mutating func allowMore(_ queued: Int, _ now: Int64) -> ([Action], room: Int) {
        var actions: [Action] = []
        var room = 0
        for index in slots.indices where slots[index].isReady && room < queued {
            guard let since = slots[index].limitedAt, now - since >= Self.limitedMs else {
                continue
            }
            let more = min(capacity, 2 * slots[index].capacity)
            room += more - slots[index].capacity
            slots[index].capacity = more
            slots[index].limitedAt = more < capacity ? now : nil
            actions.append(.announce(id: slots[index].id))
        }
        return (actions, room)
    }

    /// A master with one connection serves one of the dataplane's workers, which its number decides:
    /// it must be the one that asks.
    private mutating func needOwn(queued: Int, now: Int64, by worker: WorkerPart) -> [Action] {
        // What is reported was meant to be shared out.
        let waiting = (queued + worker.count - 1) / worker.count
        var wanted = waiting - slots.count { $0.phase != .retiring && worker.owns($0.id) }
        var actions: [Action] = []
        guard now >= furtherNotBefore else { return [] }
        while wanted > 0 && slots.count < mastersMax {
            while !worker.owns(nextID) { nextID &+= 1 }
            actions.append(addSlot())
            wanted -= 1
        }
        if wanted > 0 && !saidFull {
            saidFull = true
            actions.append(
                .note("all \(mastersMax) ssh sessions are in use; \(waiting) connections wait"))
        }
        return actions
    }

    /// How many connections each master has now.
    mutating func occupied(_ connections: [UInt32: Int], now: Int64) -> [Action] {
        var actions: [Action] = []
        let first = slots.first { $0.isReady }?.id
        for slot in slots {
            guard let index = index(of: slot.id), let count = connections[slot.id] else { continue }
            switch slot.phase {
            case .starting:
                break
            case .ready(let since):
                let emptySince = count == 0 ? since ?? now : nil
                slots[index].phase = .ready(emptySince: emptySince)
                if isSingleUse {
                    let isUnused = emptySince.map { now - $0 >= Self.unusedMs } ?? false
                    guard count > 0 || isUnused else { break }
                    slots[index].phase = .retiring
                    actions.append(.withdraw(id: slot.id))
                    break
                }
                guard slot.id != first, let idleMs, let emptySince, now - emptySince >= idleMs
                else { break }
                slots[index].phase = .retiring
                actions.append(.withdraw(id: slot.id))
            case .retiring:
                // Withdrawn at an earlier look, so no connection is on its way to it any more.
                guard count == 0 else { break }
                slots.remove(at: index)
                actions.append(.stop(id: slot.id))
            }
        }
        return actions
    }

    /// Everything goes.
    mutating func stop() -> [Action] {
        let actions: [Action] =
            slots.filter(\.isReady).map { .withdraw(id: $0.id) } + slots.map { .stop(id: $0.id) }
        slots = []
        isUp = false
        furtherNotBefore = .min
        furtherFailures = 0
        saidFull = false
        saidLimited = false
        return actions
    }

    private mutating func addSlot() -> Action {
        let id = nextID
        nextID &+= 1
        slots.append(Slot(id: id, phase: .starting, capacity: capacity))
        return .start(id: id)
    }

    private func index(of id: UInt32) -> Int? {
        slots.firstIndex { $0.id == id }
    }
}
