internal import CLinux
internal import Protocol

/// The life of an opening: admitted, parked or queued, engaged, opened or refused.
extension Worker {
    /// How long a released connection may take to be accepted.
    static var acceptMicroseconds: UInt64 { 10_000_000 }
    /// How long the far side of an eager connection may take; Linux itself gives up after 127 s.
    static var eagerMicroseconds: UInt64 { 130_000_000 }
    /// How often a network's want of room is reported.
    static var capacityMicroseconds: UInt64 { 1_000_000 }
    /// When a full backlog of a tunnel's local socket is tried again.
    static var retryMicroseconds: UInt64 { 5_000 }

    /// A new opening, or 0 if its source or the table is at its limit.
    @_noAllocation @_noLocks
    mutating func admit(_ source: Endpoint, _ target: Endpoint, network: UInt32) -> UInt32 {
        let host = sources.find(source.family, source.address)
        let own = treatment(of: network).halfOpenPerSourceMax
        let most = own == 0 ? sizing.openingsPerSource : min(own, sizing.openingsPerSource)
        if host != 0 && sources.slots[host].openings >= most { return 0 }
        let limit = treatment(of: network).halfOpenMax
        if limit != 0 && networks[network].waiting + networks[network].engaged >= limit { return 0 }
        let slot = openings.take()
        guard slot != 0 else { return 0 }
        let slots = openings.slots
        slots[slot].source = source
        slots[slot].target = target
        slots[slot].network = network
        slots[slot].firstSeen = now
        slots[slot].lastSeen = now
        slots[slot].sourceSlot = sources.enter(source.family, source.address)
        networks[network].waiting += 1
        markDirty(network)
        return slot
    }

    /// Puts an opening that is in no list where its network's state wants it.
    @_noAllocation @_noLocks
    mutating func place(_ slot: UInt32) {
        let network = openings.slots[slot].network
        switch networks[network].state {
        case .up:
            enqueue(slot)
        case .dialling:
            park(slot)
        case .idle:
            park(slot)
            raiseDemandOfHeld(network)
        case .refusing:
            refuse(slot, with: networks[network].refusesWithReset ? .reset : .unreachable)
            dispose(slot)
        }
    }

    @_noAllocation @_noLocks
    private mutating func enqueue(_ slot: UInt32) {
        let host = openings.slots[slot].sourceSlot
        openings.slots[slot].phase = .queued
        let hosts = sources.slots
        hosts[host].queue.append(slot, in: openings.links)
        if hosts[host].engaged < sizing.engagedPerSource { sources.enterRing(host) }
        timers.arm(slot, at: waitsUntil(slot))
        needsPump = true
    }

    @_noAllocation @_noLocks
    private mutating func park(_ slot: UInt32, until soon: UInt64 = .max) {
        let network = openings.slots[slot].network
        openings.slots[slot].phase = .parked
        if openings.slots[slot].isEager && !openings.slots[slot].isWatched { watchClient(slot) }
        let networks = self.networks
        networks[network].parked.append(slot, in: openings.links)
        timers.arm(slot, at: min(soon, waitsUntil(slot)))
    }

    /// The end of the hold limit, or of the client's patience.
    @_noAllocation @_noLocks
    private func waitsUntil(_ slot: UInt32) -> UInt64 {
        let held =
            openings.slots[slot].firstSeen
            + treatment(of: openings.slots[slot].network).holdMicroseconds
        return openings.slots[slot].isEager ? held : min(held, openings.slots[slot].staleAt)
    }

    /// Gives up to `count` parked openings of a network that is up their turn.
    @_noAllocation @_noLocks
    mutating func unpark(_ network: UInt32, count: UInt32 = .max) {
        let networks = self.networks
        var left = count
        while left > 0, networks[network].state == .up, networks[network].parked.first != 0 {
            let slot = networks[network].parked.first
            networks[network].parked.remove(slot, in: openings.links)
            enqueue(slot)
            left -= 1
        }
    }

    /// Answers every parked opening of a network that cannot be had.
    @_noAllocation @_noLocks
    mutating func refuseParked(_ network: UInt32) {
        let mark: Mark = networks[network].refusesWithReset ? .reset : .unreachable
        while networks[network].parked.first != 0 {
            let slot = networks[network].parked.first
            refuse(slot, with: mark)
            dispose(slot)
        }
    }

    /// Lets sources take turns until nobody waits or the limits are reached.
    @_noAllocation @_noLocks
    mutating func pump() {
        needsPump = false
        let hosts = sources.slots
        while sources.ringCount > 0, hasRoom {
            let host = sources.takeTurn()
            let slot = hosts[host].queue.first
            guard slot != 0, hosts[host].engaged < sizing.engagedPerSource else { continue }
            removeFromList(slot)
            if hosts[host].queue.first != 0 { sources.enterRing(host) }
            let network = openings.slots[slot].network
            if networks[network].state != .up {
                place(slot)
            } else if isFull(network) {
                park(slot)
            } else {
                engage(slot)
            }
        }
    }

    private var hasRoom: Bool {
        @_noAllocation @_noLocks get {
            connections.used < sizing.connections && now >= fullUntil
        }
    }

    /// Whether a new descriptor leaves enough for the pipes that are not made yet, and for another
    /// one for each of so many openings, here and in the other workers. The kernel hands out the
    /// lowest free number, so it says how many the process has, whichever worker opened them.
    @_noAllocation @_noLocks
    func leavesRoom(_ descriptor: Int, for openings: Int) -> Bool {
        // One alone has counted them.
        guard crew.count > 1 else { return true }
        let needed = (openings + 2 * (sizing.pipes - pipes.count)) * crew.count
        return descriptor + needed + Self.spareDescriptors < sizing.descriptors
    }

    private static var spareDescriptors: Int { 16 }
    private static var fullMicroseconds: UInt64 { 100_000 }

    /// The descriptor of a new far side, or what stands for none where it leaves too few.
    @_noAllocation @_noLocks
    private mutating func kept(_ descriptor: Int) -> Int {
        guard descriptor >= 0, !leavesRoom(descriptor, for: engaged) else { return descriptor }
        _ = dp_close(Int32(truncatingIfNeeded: descriptor))
        fullUntil = now + Self.fullMicroseconds
        return Int(DP_EMFILE.rawValue)
    }

    @_noAllocation @_noLocks
    private func isFull(_ id: UInt32) -> Bool {
        let network = networks[id]
        if network.engaged >= sizing.engagedPerNetwork { return true }
        let most = treatment(of: id).connectionsMax
        return most != 0 && network.open + network.engaged >= most
    }

    /// Starts to open the far side.
    @_noAllocation @_noLocks
    private mutating func engage(_ slot: UInt32) {
        let slots = openings.slots
        let network = slots[slot].network
        var descriptor = 0
        var progress = 0
        switch treatment(of: network).connector {
        case .direct:
            descriptor = kept(connectDirect(slots[slot].target, network, &progress))
        case .socks:
            let endpoint = endpointWithRoom(network)
            guard endpoint != 0 else {
                reportCapacity(network)
                // Tried again: the report may have come to nothing, and is repeated then.
                return park(slot, until: now + Self.capacityMicroseconds)
            }
            slots[slot].endpoint = endpoint
            descriptor = kept(connect(endpoint: endpoint, &progress))
            if descriptor >= 0 {
                endpoints.slots[endpoint].load += 1
            } else {
                slots[slot].endpoint = 0
            }
            if descriptor == Int(DP_EAGAIN.rawValue) {
                return park(slot, until: now + Self.retryMicroseconds)
            }
            if descriptor < 0 && !isShortage(descriptor) {
                loseEndpoint(endpoint, descriptor)
                return place(slot)
            }
        }
        count(.connectsStarted)
        slots[slot].connectStarted = now
        if descriptor < 0 {
            if isShortage(descriptor) {
                count(.connectsPutOff)
                return park(slot, until: now + Self.fullMicroseconds)
            }
            // The tunnel's device has just gone: the controlplane is about to say so.
            if descriptor == Int(DP_ENODEV.rawValue) { return park(slot, until: now + 100_000) }
            return fail(slot, descriptor)
        }
        slots[slot].upstream = Int32(truncatingIfNeeded: descriptor)
        slots[slot].phase = .connecting
        let connection = enter(slot)
        engaged += 1
        let hosts = sources.slots
        hosts[slots[slot].sourceSlot].engaged += 1
        networks[network].engaged += 1
        networks[network].waiting -= 1
        markDirty(network)
        let token = Token(
            .upstream, slot: connection, generation: connections.slots[connection].generation)
        _ = dp_epoll_add_stream(epoll, slots[slot].upstream, token.packed)
        if slots[slot].isEager { watchClient(slot) }
        timers.arm(slot, at: connectsUntil(slot))
        if progress == 0 { connected(slot) }
    }

    /// The opening takes the slot of the connection that it will be. There is one: `hasRoom`.
    @_noAllocation @_noLocks
    private mutating func enter(_ slot: UInt32) -> UInt32 {
        let connection = connections.take()
        precondition(connection != 0, "more openings than connections")
        let from = openings.slots[slot]
        let slots = connections.slots
        slots[connection].opening = slot
        slots[connection].upstream = from.upstream
        slots[connection].source = from.source
        slots[connection].target = from.target
        slots[connection].network = from.network
        slots[connection].endpoint = from.endpoint
        openings.slots[slot].connection = connection
        return connection
    }

    @_noAllocation @_noLocks
    private func connectDirect(_ target: Endpoint, _ network: UInt32, _ progress: inout Int) -> Int
    {
        var address = dp_endpoint(
            high: target.address.high, low: target.address.low, port: target.port,
            family: target.family.rawValue)
        var device = treatment(of: network).device
        // SAFETY: the device name is 16 bytes and ends with a NUL, which decoding made sure of.
        return unsafe withUnsafePointer(to: &device) { name in
            unsafe name.withMemoryRebound(to: CChar.self, capacity: 16) { name in
                unsafe dp_connect_tcp(&address, name, &progress)
            }
        }
    }

    /// Out of descriptors or memory for the moment: nobody's fault, and not an answer.
    @_noAllocation @_noLocks
    func isShortage(_ error: Int) -> Bool {
        let enobufs = -105, enomem = -12, eaddrnotavail = -99
        return error == Int(DP_EMFILE.rawValue) || error == Int(DP_ENFILE.rawValue)
            || error == enobufs || error == enomem || error == eaddrnotavail
    }

    @_noAllocation @_noLocks
    private func connectsUntil(_ slot: UInt32) -> UInt64 {
        let opening = openings.slots[slot]
        return opening.isEager ? opening.connectStarted + Self.eagerMicroseconds : opening.staleAt
    }

    /// An opening's deadline passed.
    @_noAllocation @_noLocks
    mutating func expireOpenings() {
        while true {
            let slot = timers.expired(at: now)
            guard slot != 0 else { return }
            switch openings.slots[slot].phase {
            case .free: break
            case .parked, .queued: waitExpired(slot)
            case .connecting, .negotiating: connectExpired(slot)
            case .released:
                count(.connectTimeouts)
                dispose(slot)
            }
        }
    }

    @_noAllocation @_noLocks
    private mutating func waitExpired(_ slot: UInt32) {
        let opening = openings.slots[slot]
        if now - opening.firstSeen >= treatment(of: opening.network).holdMicroseconds {
            refuse(slot, with: .unreachable)
            return dispose(slot)
        }
        if !opening.isEager && now >= opening.staleAt { return dispose(slot) }
        if opening.phase == .parked && networks[opening.network].state == .up {
            removeFromList(slot)
            return enqueue(slot)
        }
        timers.arm(slot, at: waitsUntil(slot))
    }

    @_noAllocation @_noLocks
    private mutating func connectExpired(_ slot: UInt32) {
        guard now >= connectsUntil(slot) else { return timers.arm(slot, at: connectsUntil(slot)) }
        // The client has given up, as it would have without us: nothing is answered.
        count(.connectTimeouts)
        dispose(slot)
    }

    /// The far side cannot be opened, for this reason (-errno).
    @_noAllocation @_noLocks
    mutating func fail(_ slot: UInt32, _ error: Int) {
        count(.connectFailures)
        if error == Int(DP_ETIMEDOUT.rawValue) && !openings.slots[slot].isEager {
            return dispose(slot)
        }
        let isRefused =
            error == Int(DP_ECONNREFUSED.rawValue) || error == Int(DP_ECONNRESET.rawValue)
        report(refused: slot, isRefused ? .refused : .unreachable)
        refuse(slot, with: isRefused ? .reset : .unreachable)
        dispose(slot)
    }

    /// The far side is open: the client may be let in.
    @_noAllocation @_noLocks
    mutating func opened(_ slot: UInt32) {
        let slots = openings.slots
        slots[slot].connectMicroseconds = UInt32(clamping: dp_now_us() - slots[slot].connectStarted)
        if slots[slot].isEager { pair(slot, client: slots[slot].client) } else { release(slot) }
    }

    /// Ends an opening in any phase and gives back all that it holds.
    @_noAllocation @_noLocks
    mutating func dispose(_ slot: UInt32) {
        let opening = openings.slots[slot]
        if opening.upstream >= 0 { _ = dp_reset(opening.upstream) }
        if opening.client >= 0 { _ = dp_reset(opening.client) }
        if opening.endpoint != 0 { unload(opening.endpoint) }
        if opening.connection != 0 { connections.free(opening.connection) }
        forget(slot)
    }

    /// Takes an opening out of every table; its descriptors and its endpoint's load are the
    /// caller's.
    @_noAllocation @_noLocks
    mutating func forget(_ slot: UInt32) {
        let opening = openings.slots[slot]
        let network = opening.network
        let hosts = sources.slots
        timers.disarm(slot)
        removeFromList(slot)
        if !opening.isEager { openings.leave(slot) }
        if opening.isEngaged {
            engaged -= 1
            networks[network].engaged -= 1
            hosts[opening.sourceSlot].engaged -= 1
            if hosts[opening.sourceSlot].queue.first != 0 { sources.enterRing(opening.sourceSlot) }
        } else {
            networks[network].waiting -= 1
        }
        openings.free(slot)
        sources.leave(opening.sourceSlot)
        markDirty(network)
        unpark(network, count: 1)
        needsPump = true
    }

    /// From here on it is in no list, so that it can be disposed of at any step.
    @_noAllocation @_noLocks
    private mutating func removeFromList(_ slot: UInt32) {
        let networks = self.networks
        let hosts = sources.slots
        switch openings.slots[slot].phase {
        case .parked: networks[openings.slots[slot].network].parked.remove(slot, in: openings.links)
        case .queued: hosts[openings.slots[slot].sourceSlot].queue.remove(slot, in: openings.links)
        case .released:
            hosts[openings.slots[slot].sourceSlot].released.remove(slot, in: openings.links)
        case .free, .connecting, .negotiating: break
        }
        openings.slots[slot].phase = .free
    }
}
