internal import CLinux
internal import Protocol

/// The end of a tunnel with a device.
extension Worker {
    /// Resets the network's connections: a device takes none along when it goes, and they would
    /// wait for answers that nobody can send. Clients that are not let in yet notice nothing: their
    /// far sides are opened once more.
    @_noAllocation @_noLocks
    mutating func loseTunnel(_ loss: TunnelLost, _ id: UInt32) {
        // What an earlier process left went through that tunnel as well.
        takeParcels()
        let network = loss.network
        // It may have left the table already.
        guard network > 0, Int(network) < networks.count else { return reply(id, .noSuchNetwork) }
        var slot: UInt32 = 1
        while slot < openings.fresh {
            if openings.slots[slot].network == network { openAgain(slot) }
            slot += 1
        }
        if networks[network].state == .refusing { refuseParked(network) }
        var count: UInt64 = 0
        slot = 1
        while slot < connections.fresh {
            let connection = connections.slots[slot]
            if connection.isUsed && connection.opening == 0 && connection.network == network {
                abort(slot, .resetByFarSide)
                count += 1
            }
            slot += 1
        }
        reply(id, .ok, count)
    }

    @_noAllocation @_noLocks
    private mutating func openAgain(_ slot: UInt32) {
        switch openings.slots[slot].phase {
        case .free, .parked, .queued: break
        case .connecting, .negotiating: endpointFailed(slot, 0)
        // Its client believes in it already.
        case .released: dispose(slot)
        }
    }
}
