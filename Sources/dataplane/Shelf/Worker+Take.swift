internal import CLinux
internal import Protocol

/// The beginning of this process: it takes from the shelf what the last one left there, and goes on
/// with it before there is a table. All workers do, one message at a time, so that each gets some.
extension Worker {
    /// How long the workers wait for each other at the start.
    private static var beginMicroseconds: UInt64 { 100_000 }

    /// Takes what systemd has kept before anything else: between the first bulk transfers all others
    /// would wait. Nobody begins alone, or he would have it all.
    @_noAllocation @_noLocks
    mutating func begin() {
        crew.begun[index] = 1
        let until = dp_now_us() + Self.beginMicroseconds
        while !crew.haveAllBegun && dp_now_us() < until { dp_yield() }
        while takeParcel() { dp_yield() }
    }

    /// Takes over a shelf of the controlplane's.
    @_noAllocation @_noLocks
    mutating func takeShelf(_ id: UInt32) {
        var new = ShelfEnds(into: link.takeDescriptor(), outOf: link.takeDescriptor())
        guard new.isKnown else {
            new.close()
            return reply(id, .badDescriptors)
        }
        // Whatever is on the one that systemd kept.
        takeParcels()
        shelf.close()
        shelf = new
        crew.shelves[index] = dp_inode(shelf.into)
        // Until then the one that systemd has is the one on which some would leave theirs.
        if crew.isShelfShared { shelf.store() }
        reply(id, .ok)
    }

    @_noAllocation @_noLocks
    mutating func takeParcels() {
        while takeParcel() {}
    }

    /// Takes over the connections of one message; false where none is left.
    ///
    /// Once it is empty nobody looks at it any more: what is put there from now on is for the next
    /// process.
    @_noAllocation @_noLocks @discardableResult
    mutating func takeParcel() -> Bool {
        guard shelf.mayHaveMore, !dp_end_asked() else { return false }
        guard parcel.take(from: shelf.outOf) else {
            endTaking()
            return false
        }
        while let item = parcel.next() {
            switch item {
            case .connection(let kept): take(kept)
            case .syn(let kept): take(kept)
            }
        }
        // Descriptors of what this version does not know.
        while true {
            let rest = parcel.takeDescriptor()
            guard rest >= 0 else { return true }
            _ = dp_close(rest)
        }
    }

    @_noAllocation @_noLocks
    private mutating func endTaking() {
        shelf.isEmpty = true
        if taken > 0 { Log.notice("connections taken over from the last process:", taken) }
        if notTaken > 0 { Log.warning("no room here; of its connections end:", notTaken) }
        taken = 0
        notTaken = 0
    }

    @_noAllocation @_noLocks
    private mutating func take(_ kept: KeptConnection) {
        guard hasRoom(for: kept.network) else {
            var left = kept.descriptors
            while left > 0 {
                _ = dp_close(parcel.takeDescriptor())
                left -= 1
            }
            return notTaken += 1
        }
        let client = parcel.takeDescriptor()
        switch kept.phase {
        case .relayed: takeRelayed(kept, client)
        case .waiting: takeWaiting(kept, client)
        }
    }

    /// False for a network that cannot be: before the table nobody knows which there are.
    @_noAllocation @_noLocks
    private mutating func hasRoom(for network: UInt32) -> Bool {
        guard network > 0, Int(network) < networks.count else { return false }
        networkLast = max(networkLast, network)
        return true
    }

    /// Opens the far side for a SYN that was held, once the network's state allows it.
    @_noAllocation @_noLocks
    private mutating func take(_ kept: KeptSYN) {
        // What is not opened here is repeated by its client.
        guard hasRoom(for: kept.network) else { return }
        let packet = unsafe PacketBytes(scratch.pointer(to: 0), count: kept.count)
        unsafe kept.copy(to: packet.memory)
        guard let segment = Segment(packet), segment.kind == .syn,
            openings.find(segment.source, segment.target) == 0
        else { return }
        let slot = admit(segment, packet, network: kept.network)
        guard slot != 0 else { return }
        let slots = openings.slots
        slots[slot].firstSeen = min(kept.firstSeen, now)
        slots[slot].lastSeen = min(max(kept.firstSeen, kept.lastSeen), now)
        slots[slot].firstTimestamp = kept.firstTimestamp
        slots[slot].clockHertz = kept.clockHertz
        place(slot)
        needsPump = true
    }

    /// Goes on with a connection where the last process stopped.
    @_noAllocation @_noLocks
    private mutating func takeRelayed(_ kept: KeptConnection, _ client: Int32) {
        let upstream = parcel.takeDescriptor()
        let outPipe = kept.out.level > 0 ? adopted(parcel.takeDescriptor()) : 0
        let backPipe = kept.back.level > 0 ? adopted(parcel.takeDescriptor()) : 0
        let endpoint = localSocket(of: kept)
        if endpoint != 0 { endpoints.slots[endpoint].load += 1 }
        let slot = connections.take()
        let slots = connections.slots
        guard client >= 0, upstream >= 0, kept.out.level == 0 || outPipe != 0,
            kept.back.level == 0 || backPipe != 0, kept.way == .direct || endpoint != 0, slot != 0
        else {
            // Closed is reset here: the last process saw to that.
            _ = dp_close(client)
            _ = dp_close(upstream)
            if outPipe != 0 { pipes.take(back: outPipe, level: kept.out.level) }
            if backPipe != 0 { pipes.take(back: backPipe, level: kept.back.level) }
            if slot != 0 { connections.free(slot) }
            if endpoint != 0 { unload(endpoint) }
            return notTaken += 1
        }
        slots[slot].client = client
        slots[slot].upstream = upstream
        slots[slot].out = Direction(kept.out, pipe: outPipe)
        slots[slot].back = Direction(kept.back, pipe: backPipe)
        slots[slot].source = kept.source
        slots[slot].target = kept.target
        slots[slot].network = kept.network
        slots[slot].endpoint = endpoint
        slots[slot].openedAt = min(kept.openedAt, now)
        slots[slot].connectMicroseconds = kept.connectMicros
        networks[kept.network].open += 1
        markDirty(kept.network)
        if now - slots[slot].openedAt < Self.youthMicroseconds { connections.markYoung(slot) }
        taken += 1
        let generation = slots[slot].generation
        watchLeg(client, Token(.client, slot: slot, generation: generation))
        watchLeg(upstream, Token(.upstream, slot: slot, generation: generation))
    }

    /// Its first event says what can be read and written now.
    @_noAllocation @_noLocks
    private func watchLeg(_ descriptor: Int32, _ token: Token) {
        dp_resets(descriptor, false)
        _ = dp_epoll_add_stream(epoll, descriptor, token.packed)
    }

    @_noAllocation @_noLocks
    private mutating func adopted(_ end: Int32) -> UInt32 {
        guard end >= 0 else { return 0 }
        let pipe = pipes.adopt(end)
        if pipe == 0 { _ = dp_close(end) }
        return pipe
    }

    /// Opens the far side of a client that has been let in, once the network's state allows it.
    @_noAllocation @_noLocks
    private mutating func takeWaiting(_ kept: KeptConnection, _ client: Int32) {
        guard client >= 0 else { return notTaken += 1 }
        dp_resets(client, false)
        if beginEager(client, kept.source, kept.target, kept.network) {
            taken += 1
        } else {
            notTaken += 1
        }
        needsPump = true
    }

    /// The slot of the local socket by which a connection goes, with whatever the last process knew of
    /// it; 0 for none, or where there is no room.
    @_noAllocation @_noLocks
    private mutating func localSocket(of kept: KeptConnection) -> UInt32 {
        switch kept.way {
        case .direct:
            return 0
        case .offered:
            let known = offered(kept)
            guard known == 0 else { return known }
            // Nobody new goes by it before the controlplane offers it, too.
            let update = EndpointUpdate(
                network: kept.network, endpoint: kept.endpoint, action: .add, capacity: 0,
                socket: kept.socket)
            return addEndpoint(update) ? offered(kept) : 0
        case .retired:
            return retired(kept)
        }
    }

    @_noAllocation @_noLocks
    private func offered(_ kept: KeptConnection) -> UInt32 {
        var slot = networks[kept.network].endpoints
        while slot != 0 && endpoints.slots[slot].id != kept.endpoint {
            slot = endpoints.slots[slot].next
        }
        return slot
    }

    @_noAllocation @_noLocks
    private mutating func retired(_ kept: KeptConnection) -> UInt32 {
        let slots = endpoints.slots
        var slot: UInt32 = 1
        while slot < endpoints.fresh {
            let known = slots[slot]
            if known.isUsed && known.isRetired && known.id == kept.endpoint
                && known.network == kept.network
            {
                return slot
            }
            slot += 1
        }
        slot = endpoints.take()
        guard slot != 0 else { return 0 }
        slots[slot].id = kept.endpoint
        slots[slot].network = kept.network
        slots[slot].isRetired = true
        endpoints.set(kept.socket, of: slot)
        return slot
    }
}
