internal import CLinux
internal import Protocol

/// Connections that are accepted: those that netfilter redirected, and those of static forwards.
extension Worker {
    /// By which listener a connection came.
    enum Arrival {
        case redirected(Family)
        /// By the static forward in this slot.
        case forwarded(UInt32)
    }

    private static var acceptsPerPass: Int { 64 }

    @_noAllocation @_noLocks
    mutating func acceptRedirected(_ family: Family) {
        accept(from: family == .ipv4 ? redirect4 : redirect6, .redirected(family))
    }

    /// Accepts what has come, up to a pass's share, or `limit`.
    @_noAllocation @_noLocks
    mutating func accept(from listener: Int32, _ arrival: Arrival, atMost limit: Int? = nil) {
        var left = limit ?? (isLoaded ? Self.acceptsPerPass : 1)
        while left > 0 {
            var peer = dp_endpoint()
            let result = unsafe dp_accept(listener, &peer)
            if result < 0 {
                if isOutOfDescriptors(result) { refuseOne(listener) }
                // Anything else is about one connection that went away, or about nothing left
                // (accept(2)).
                if result != Int(DP_ECONNABORTED.rawValue) { break }
            } else {
                count(.accepted)
                let client = Int32(truncatingIfNeeded: result)
                switch arrival {
                case .redirected(let family): admitClient(client, family, peer)
                case .forwarded(let slot): admitForwarded(client, peer, slot)
                }
            }
            left -= 1
        }
        needsPump = true
    }

    @_noAllocation @_noLocks
    private func isOutOfDescriptors(_ error: Int) -> Bool {
        error == Int(DP_EMFILE.rawValue) || error == Int(DP_ENFILE.rawValue)
    }

    /// Without a descriptor the connection would stay in the backlog and wake the loop for ever: it
    /// is accepted with the spare one and reset, so that its client knows.
    @_noAllocation @_noLocks
    private mutating func refuseOne(_ listener: Int32) {
        count(.acceptFailures)
        _ = dp_close(spare)
        var peer = dp_endpoint()
        let result = unsafe dp_accept(listener, &peer)
        if result >= 0 { _ = dp_reset(Int32(truncatingIfNeeded: result)) }
        spare = dp_epoll_create()
    }

    @_noAllocation @_noLocks
    private mutating func admitClient(_ client: Int32, _ family: Family, _ peer: dp_endpoint) {
        var destination = dp_endpoint()
        guard unsafe dp_original_destination(client, family.rawValue, &destination) == 0,
            !isStraight(client, destination)
        else {
            // Not redirected: nobody may use this port as a service.
            count(.loops)
            _ = dp_reset(client)
            return
        }
        let source = Endpoint(family, peer)
        let target = Endpoint(family, destination)
        let slot = openings.find(source, target)
        if slot != 0 && openings.slots[slot].phase == .released {
            return pair(slot, client: client)
        }
        guard let network = prefixes.network(of: target), networks[network].isConfigured,
            treatment(of: network).isEager, networks[network].state != .refusing
        else { return findFarSide(of: client, source, target) }
        beginEager(client, source, target, network)
    }

    /// The opening that was released for this connection.
    ///
    /// All connections are redirected to one address and port, so where a client uses one port for
    /// two destinations, conntrack gives the later connection another source port, which is the one
    /// that we see. Far sides of one client and one destination are alike before the first byte:
    /// the oldest released one is as good as the connection's own.
    @_noAllocation @_noLocks
    func released(_ source: Endpoint, _ target: Endpoint) -> UInt32 {
        let slots = openings.slots
        let exact = openings.find(source, target)
        if exact != 0 && slots[exact].phase == .released { return exact }
        let host = sources.find(source.family, source.address)
        guard host != 0 else { return 0 }
        var slot = sources.slots[host].released.first
        while slot != 0 && slots[slot].target != target { slot = openings.links[slot].next }
        return slot
    }

    /// A connection made to the listener itself, which would otherwise be carried back to it for
    /// ever.
    @_noAllocation @_noLocks
    private func isStraight(_ client: Int32, _ destination: dp_endpoint) -> Bool {
        guard destination.port == redirectPort else { return false }
        var local = dp_endpoint()
        guard unsafe dp_local_endpoint(client, &local) == 0 else { return true }
        return local.high == destination.high && local.low == destination.low
    }

    /// `connect = "eager"`: the client is in already; it waits, and is reset if the far side cannot
    /// be had. False where there is no room: it is reset at once.
    @_noAllocation @_noLocks @discardableResult
    mutating func beginEager(
        _ client: Int32, _ source: Endpoint, _ target: Endpoint, _ network: UInt32,
        forward: UInt32 = 0
    ) -> Bool {
        // Each holds a descriptor while it waits, and will need another one.
        let hasRoom =
            connections.used + openings.used - engaged < sizing.connections
            && leavesRoom(Int(client), for: openings.used)
        let slot = hasRoom ? admit(source, target, network: network) : 0
        guard slot != 0 else {
            count(.acceptLimited)
            _ = dp_reset(client)
            return false
        }
        let slots = openings.slots
        slots[slot].isEager = true
        slots[slot].client = client
        slots[slot].forward = forward
        slots[slot].forwardGeneration = forwards[forward].generation
        place(slot)
        return true
    }
}

extension Endpoint {
    @_noAllocation @_noLocks
    init(_ family: Family, _ raw: dp_endpoint) {
        self.init(family: family, address: Address(high: raw.high, low: raw.low), port: raw.port)
    }
}
