internal import CLinux

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
        } else if networks[slots[slot].network].parked.first != 0 {
            unpark(slots[slot].network, count: 1)
        }
    }

    /// Offers a socket of a tunnel that is up. One that is offered already keeps what it carries: a
    /// controlplane that was restarted offers everything again.
    @_noAllocation @_noLocks
    mutating func addEndpoint(_ id: UInt32, network: UInt32, capacity: UInt32) -> UInt32 {
        let slots = endpoints.slots
        var known = networks[network].endpoints
        while known != 0 && slots[known].id != id { known = slots[known].next }
        if known != 0 {
            slots[known].capacity = capacity
            return known
        }
        let slot = endpoints.take()
        guard slot != 0 else { return 0 }
        slots[slot].id = id
        slots[slot].network = network
        slots[slot].capacity = capacity
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
        return slot
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
        let probe = unsafe dp_connect_unix(endpoints.path(slot))
        if probe >= 0 { _ = dp_close(Int32(truncatingIfNeeded: probe)) }
        guard probe >= 0 || probe == Int(DP_EAGAIN.rawValue) || isShortage(probe) else {
            loseEndpoint(slot, probe)
            return false
        }
        slots[slot].verifiedAt = now
        return true
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
