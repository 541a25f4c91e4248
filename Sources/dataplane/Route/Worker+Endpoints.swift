internal import CLinux
internal import Protocol

/// The local sockets of a network's tunnel: choosing one, counting what each carries.
extension Worker {
    /// The first socket with room, or 0.
    @_noAllocation @_noLocks
    func endpointWithRoom(_ network: UInt32) -> UInt32 {
        var slot = networks[network].endpoints
        while slot != 0 {
            if endpoints.slots[slot].load < endpoints.slots[slot].capacity { return slot }
            slot = endpoints.slots[slot].next
        }
        return 0
    }

    /// One connection less; the last one of a retired socket frees its slot.
    @_noAllocation @_noLocks
    mutating func unload(_ slot: UInt32) {
        let slots = endpoints.slots
        slots[slot].load -= 1
        if slots[slot].isRetired {
            if slots[slot].load == 0 { endpoints.free(slot) }
        } else if slots[slot].load == 0 && slots[slot].capacity == 0 {
            // Known by what the last process left, and never offered to this one.
            retireEndpoint(slots[slot].id, network: slots[slot].network)
        } else if networks[slots[slot].network].parked.first != 0 {
            unpark(slots[slot].network, count: 1)
        }
    }

    /// Offers a socket of a tunnel that is up; false if there is no room for it. One that is offered
    /// already keeps what it carries: a controlplane that was restarted offers everything again.
    @_noAllocation @_noLocks
    mutating func addEndpoint(_ update: EndpointUpdate) -> Bool {
        let slots = endpoints.slots
        let network = update.network
        let capacity = crew.share(
            of: update.capacity, endpoint: update.endpoint, worker: index)
        var known = networks[network].endpoints
        while known != 0 && slots[known].id != update.endpoint { known = slots[known].next }
        if known != 0 {
            slots[known].capacity = capacity
            endpoints.set(update.socket, of: known)
            return true
        }
        let slot = endpoints.take()
        guard slot != 0 else { return false }
        slots[slot].id = update.endpoint
        slots[slot].network = network
        slots[slot].capacity = capacity
        endpoints.set(update.socket, of: slot)
        // Behind the others, so that the first ones fill up and the last ones can be closed when
        // idle.
        if networks[network].endpoints == 0 {
            networks[network].endpoints = slot
        } else {
            var last = networks[network].endpoints
            while slots[last].next != 0 { last = slots[last].next }
            slots[last].next = slot
        }
        networks[network].capacityReportedAt = 0
        return true
    }

    /// Offers it no longer; what it carries goes on.
    @_noAllocation @_noLocks
    mutating func retireEndpoint(_ id: UInt32, network: UInt32) {
        let slots = endpoints.slots
        var before: UInt32 = 0
        var slot = networks[network].endpoints
        while slot != 0 && slots[slot].id != id {
            before = slot
            slot = slots[slot].next
        }
        guard slot != 0 else { return }
        if before != 0 {
            slots[before].next = slots[slot].next
        } else {
            networks[network].endpoints = slots[slot].next
        }
        slots[slot].isRetired = true
        if slots[slot].load == 0 { endpoints.free(slot) }
    }

    @_noAllocation @_noLocks
    mutating func retireEndpoints(_ network: UInt32) {
        while networks[network].endpoints != 0 {
            retireEndpoint(endpoints.slots[networks[network].endpoints].id, network: network)
        }
    }

    /// Whether the socket's other end still listens: asked at most once in a pass of the loop.
    ///
    /// An ssh master that dies closes its channels like connections that ended in order, but stops
    /// listening before that: its descriptors are closed in ascending order, and the listening one
    /// is among the first.
    @_noAllocation @_noLocks
    mutating func isAlive(_ slot: UInt32) -> Bool {
        let slots = endpoints.slots
        if slots[slot].verifiedAt == now { return true }
        let error = probe(slot)
        guard error >= 0 || error == Int(DP_EAGAIN.rawValue) || isShortage(error) else {
            loseEndpoint(slot, error)
            return false
        }
        slots[slot].verifiedAt = now
        return true
    }

    /// What the kernel says at once of the socket's other end; negative is an error.
    ///
    /// connect(2) answers for a Unix socket. For a TCP port it would answer later, even on loopback:
    /// the local address being taken says the same.
    @_noAllocation @_noLocks
    private func probe(_ slot: UInt32) -> Int {
        if endpoints.isTCP(slot) {
            var address = endpoints.address(slot)
            let answer = unsafe dp_listens(&address)
            return answer == 0 ? Int(DP_ECONNREFUSED.rawValue) : answer
        }
        let descriptor = unsafe dp_connect_unix(endpoints.path(slot))
        return descriptor >= 0 ? dp_close(Int32(truncatingIfNeeded: descriptor)) : descriptor
    }

    /// A new connection to the socket, or -errno. `progress` is 0 where it stands, and
    /// DP_EINPROGRESS where an event will tell.
    @_noAllocation @_noLocks
    func connect(endpoint slot: UInt32, _ progress: inout Int) -> Int {
        guard endpoints.isTCP(slot) else { return unsafe dp_connect_unix(endpoints.path(slot)) }
        var address = endpoints.address(slot)
        var noDevice: CChar = 0
        return unsafe dp_connect_tcp(&address, &noDevice, &progress)
    }

    /// A socket does not answer: its ssh master is gone. It is not offered again, and the
    /// controlplane hears why.
    @_noAllocation @_noLocks
    mutating func loseEndpoint(_ slot: UInt32, _ error: Int) {
        guard endpoints.slots[slot].isUsed, !endpoints.slots[slot].isRetired else { return }
        let id = endpoints.slots[slot].id
        let network = endpoints.slots[slot].network
        retireEndpoint(id, network: network)
        reportEndpointFailed(network, id, error)
    }
}
