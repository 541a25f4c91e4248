internal import CLinux
internal import Protocol

/// What the controlplane is told.
extension Worker {
    /// How long changed figures are collected before they are sent.
    private static var reportMicroseconds: UInt64 { 50_000 }
    /// Bytes of list that one request may put in the queue.
    private static var listBytes: Int { 128 << 10 }

    /// Somebody wants a network that has no tunnel: once, until its state changes.
    @_noAllocation @_noLocks
    mutating func raiseDemand(
        _ network: UInt32, ipProtocol: UInt8, _ source: Endpoint, _ target: Endpoint
    ) {
        // Without a link nobody hears it; the next one asks for everything anew.
        guard link.isGreeted, !networks[network].isDemanded else { return }
        networks[network].isDemanded = true
        Demand(
            network: network, ipProtocol: ipProtocol, source: source, target: target,
            parked: networks[network].held
        ).encode(into: &link.writer, requestID: 0)
    }

    /// The same for what a network holds already, if it does: connections before packets.
    @_noAllocation @_noLocks
    mutating func raiseDemandOfHeld(_ network: UInt32) {
        let opening = networks[network].parked.first
        let packet = networks[network].packets.first
        if opening != 0 {
            raiseDemand(
                network, ipProtocol: Segment.tcp, openings.slots[opening].source,
                openings.slots[opening].target)
        } else if packet != 0 {
            raiseDemand(
                network, ipProtocol: held.slots[packet].ipProtocol, held.slots[packet].source,
                held.slots[packet].target)
        }
    }

    /// Every local socket of the network is full: once a second while openings wait for room.
    @_noAllocation @_noLocks
    mutating func reportCapacity(_ network: UInt32) {
        let before = networks[network].capacityReportedAt
        guard link.isGreeted, before == 0 || now - before >= Self.capacityMicroseconds else {
            return
        }
        networks[network].capacityReportedAt = now
        // Of what is added this worker gets its share only.
        let workers = UInt32(truncatingIfNeeded: crew.count)
        Protocol::Capacity(network: network, queued: networks[network].waiting * workers)
            .encode(into: &link.writer, requestID: 0)
    }

    @_noAllocation @_noLocks
    mutating func reportEndpointFailed(_ network: UInt32, _ endpoint: UInt32, _ error: Int) {
        guard link.isGreeted else { return }
        EndpointFailed(
            network: network, endpoint: endpoint, errno: UInt32(truncatingIfNeeded: -error)
        ).encode(into: &link.writer, requestID: 0)
    }

    /// Remembers that a network's figures changed.
    @_noAllocation @_noLocks
    mutating func markDirty(_ network: UInt32) {
        guard !networks[network].isDirty else { return }
        if dirtyFirst == 0 { dirtySince = now }
        networks[network].isDirty = true
        networks[network].dirtyNext = dirtyFirst
        dirtyFirst = network
    }

    @_noAllocation @_noLocks
    mutating func reportActivity() {
        guard dirtyFirst != 0, now - dirtySince >= Self.reportMicroseconds else { return }
        while dirtyFirst != 0 {
            let network = dirtyFirst
            dirtyFirst = networks[network].dirtyNext
            networks[network].isDirty = false
            guard link.isGreeted else { continue }
            Activity(
                network: network, open: networks[network].open, opening: networks[network].engaged,
                parked: networks[network].held
            ).encode(into: &link.writer, requestID: 0)
        }
    }

    @_noAllocation @_noLocks
    mutating func report(
        connection slot: UInt32, _ phase: ConnectionRecord.Phase, _ result: ConnectionRecord.Result
    ) {
        send(record(slot, phase, result))
    }

    @_noAllocation @_noLocks
    private func record(
        _ slot: UInt32, _ phase: ConnectionRecord.Phase, _ result: ConnectionRecord.Result
    ) -> ConnectionRecord {
        let connection = connections.slots[slot]
        return ConnectionRecord(
            id: connection.id(slot, worker: index), network: connection.network, phase: phase,
            result: result,
            source: connection.source, target: connection.target,
            connectMicros: connection.connectMicroseconds,
            ageMillis: (now - connection.openedAt) / 1_000, bytesIn: connection.back.total,
            bytesOut: connection.out.total)
    }

    /// A connection that never was: the far side said no.
    @_noAllocation @_noLocks
    mutating func report(refused slot: UInt32, _ result: ConnectionRecord.Result) {
        let opening = openings.slots[slot]
        send(
            ConnectionRecord(
                id: 0, network: opening.network, phase: .closed, result: result,
                source: opening.source, target: opening.target,
                connectMicros: UInt32(clamping: now - min(now, opening.connectStarted)),
                ageMillis: 0, bytesIn: 0, bytesOut: 0))
    }

    @_noAllocation @_noLocks
    private mutating func send(_ record: ConnectionRecord) {
        guard link.isGreeted, link.hasRoomForRecord else { return count(.recordsDropped) }
        link.queue(record)
    }

    /// Lists open connections from a cursor on, as many as one answer holds.
    @_noAllocation @_noLocks
    mutating func list(_ request: ListConnections, _ id: UInt32) {
        let start = link.writer.count
        var slot = max(1, Self.slot(request.cursor))
        while slot < connections.fresh && link.writer.count - start < Self.listBytes {
            let connection = connections.slots[slot]
            if connection.isUsed && connection.opening == 0
                && (request.network == Limits.networkAll || request.network == connection.network)
            {
                record(slot, .listed, .ok).encode(into: &link.writer, requestID: id)
            }
            slot += 1
        }
        ListEnd(nextCursor: slot < connections.fresh ? index << Limits.workerShift | slot : 0)
            .encode(into: &link.writer, requestID: id)
    }

    /// The slot in a cursor, or in the lower half of a connection's id.
    @_noAllocation @_noLocks
    static func slot(_ cursor: UInt32) -> UInt32 { cursor & (1 << Limits.workerShift - 1) }

    @_noAllocation @_noLocks
    mutating func sendStatistics(_ id: UInt32) {
        statistics[.openNow] = UInt64(connections.used - engaged)
        statistics[.openingNow] = UInt64(engaged)
        statistics[.parkedNow] = UInt64(openings.used - engaged + held.used)
        statistics[.pipesInUse] = UInt64(pipes.used)
        statistics[.largePipesNow] = UInt64(pipes.usedLarge)
        statistics[.adoptedPipesNow] = UInt64(pipes.usedAdopted)
        statistics.encode(into: &link.writer, requestID: id)
    }
}
