internal import CLinux
internal import Protocol

/// What the controlplane asks for.
extension Worker {
    /// Does what a frame says and answers it if it has a request id.
    @_noAllocation @_noLocks
    mutating func handle(_ header: FrameHeader, _ reader: inout BodyReader) {
        let id = header.requestID
        guard let kind = header.knownKind, !kind.isFromDataplane else {
            count(.framesUnknown)
            return reply(id, .unknownKind)
        }
        guard link.isGreeted || kind == .hello else { return malformed() }
        switch kind {
        case .hello:
            guard let hello = Hello(decoding: &reader) else { return malformed() }
            guard hello.isCompatible else {
                return loseLink("the controlplane speaks another version of the protocol")
            }
            link.isGreeted = true
            markAllDirty()
        case .device:
            guard let device = Device(decoding: &reader) else { return malformed() }
            takeDevice(device, id)
        case .rawSocket:
            guard RawSocket(decoding: &reader) != nil else { return malformed() }
            takeRawSocket(id)
        case .shelf:
            guard Shelf(decoding: &reader) != nil else { return malformed() }
            takeShelf(id)
        case .tableBegin:
            guard let begin = TableBegin(decoding: &reader) else { return malformed() }
            beginTable(begin, id)
        case .tablePatch:
            guard let patch = TablePatch(decoding: &reader) else { return malformed() }
            beginPatch(patch, id)
        case .filterChunk:
            readFilter(&reader)
        case .networkChunk:
            readNetworks(&reader)
        case .prefixChunk:
            readPrefixes(&reader)
        case .tableCommit:
            guard let commit = TableCommit(decoding: &reader) else { return malformed() }
            commitTable(commit, id)
        case .networkState:
            guard let update = NetworkState(decoding: &reader) else { return malformed() }
            setState(update, id)
        case .endpoint:
            guard let update = EndpointUpdate(decoding: &reader) else { return malformed() }
            updateEndpoint(update, id)
        case .tunnelLost:
            guard let loss = TunnelLost(decoding: &reader) else { return malformed() }
            loseTunnel(loss, id)
        case .forward:
            guard let update = ForwardUpdate(decoding: &reader) else { return malformed() }
            updateForward(update, id)
        case .ping:
            guard let ping = Ping(decoding: &reader) else { return malformed() }
            Pong(cookie: ping.cookie).encode(into: &link.writer, requestID: id)
        case .listConnections:
            guard let request = ListConnections(decoding: &reader) else { return malformed() }
            list(request, id)
        case .kill:
            guard let request = Kill(decoding: &reader) else { return malformed() }
            kill(request, id)
        case .statisticsRequest:
            guard StatisticsRequest(decoding: &reader) != nil else { return malformed() }
            sendStatistics(id)
        case .dataplaneHello, .reply, .demand, .activity, .capacity, .endpointFailed, .connection,
            .keptConnection, .keptSYN, .pong, .listEnd, .statistics:
            return malformed()
        }
    }

    @_noAllocation @_noLocks
    mutating func malformed() {
        count(.linkErrors)
        loseLink("the controlplane sent a frame that makes no sense; closed the link")
    }

    @_noAllocation @_noLocks
    mutating func reply(_ id: UInt32, _ status: Reply.Status, _ value: UInt64 = 0) {
        guard id != 0, link.isOpen else { return }
        Reply(status: status, value: value).encode(into: &link.writer, requestID: id)
    }

    /// Takes the doorbell's queue. A controlplane that was restarted hands over another one.
    @_noAllocation @_noLocks
    private mutating func takeDevice(_ device: Device, _ id: UInt32) {
        let queue = link.takeDescriptor()
        guard queue >= 0, !isServing || watch(queue, .tun, 0) == 0 else {
            // An open queue that nobody reads would swallow its share of the packets.
            if queue >= 0 { _ = dp_close(queue) }
            return reply(id, .badDescriptors)
        }
        // A queue that nobody reads would swallow its share of the packets.
        var extra = device.queues - 1
        while extra > 0 {
            let unused = link.takeDescriptor()
            if unused >= 0 { _ = dp_close(unused) }
            extra -= 1
        }
        if tun >= 0 { _ = dp_close(tun) }
        tun = queue
        reply(id, .ok)
    }

    /// Takes the socket for this host's own packets; a later one replaces it.
    @_noAllocation @_noLocks
    private mutating func takeRawSocket(_ id: UInt32) {
        let socket = link.takeDescriptor()
        guard socket >= 0 else { return reply(id, .badDescriptors) }
        if rawSocket >= 0 { _ = dp_close(rawSocket) }
        rawSocket = socket
        reply(id, .ok)
    }

    @_noAllocation @_noLocks
    private mutating func setState(_ update: NetworkState, _ id: UInt32) {
        let network = update.network
        guard isKnown(network) else { return reply(id, .noSuchNetwork) }
        networks[network].refusesWithReset = update.cause == .reset
        switch update.state {
        case .idle:
            // What nobody has taken from the shelf yet is not counted yet.
            takeParcels()
            networks[network].state = .idle
            networks[network].isDemanded = false
            raiseDemandOfHeld(network)
        case .dialling:
            networks[network].state = .dialling
        case .up:
            networks[network].state = .up
            networks[network].capacityReportedAt = 0
            releasePackets(network)
            unpark(network)
        case .refusing:
            networks[network].state = .refusing
            refuseParked(network)
            refusePackets(network)
        }
        needsPump = true
        reply(id, .ok, UInt64(networks[network].open) + UInt64(networks[network].engaged))
    }

    @_noAllocation @_noLocks
    private mutating func updateEndpoint(_ update: EndpointUpdate, _ id: UInt32) {
        guard isKnown(update.network) else { return reply(id, .noSuchNetwork) }
        guard treatment(of: update.network).connector == .socks else {
            return reply(id, .notApplicable)
        }
        switch update.action {
        case .add:
            guard addEndpoint(update) else { return reply(id, .tooLarge) }
            unpark(update.network)
            needsPump = true
        case .remove:
            retireEndpoint(update.endpoint, network: update.network)
        }
        reply(id, .ok)
    }

    /// A controlplane that knows nothing yet hears of every network where something goes on, or
    /// that it may have to change.
    @_noAllocation @_noLocks
    private mutating func markAllDirty() {
        var id: UInt32 = 1
        while id <= networkLast {
            let network = networks[id]
            let isBusy = network.open > 0 || network.engaged > 0 || network.held > 0
            if isBusy || network.state != .idle { markDirty(id) }
            if network.isDemanded { networks[id].isDemanded = false }
            id += 1
        }
    }

    @_noAllocation @_noLocks
    func isKnown(_ network: UInt32) -> Bool {
        network > 0 && Int(network) < networks.count && networks[network].isConfigured
    }

    @_noAllocation @_noLocks
    private mutating func kill(_ request: Kill, _ id: UInt32) {
        let slot = Self.slot(UInt32(truncatingIfNeeded: request.connection))
        guard slot > 0, Int(slot) < connections.slots.count, connections.slots[slot].isUsed,
            connections.slots[slot].opening == 0,
            connections.slots[slot].id(slot, worker: index) == request.connection
        else { return reply(id, .noSuchConnection) }
        abort(slot, .killed)
        reply(id, .ok)
    }
}
