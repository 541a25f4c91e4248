internal import CLinux
internal import Protocol

/// Static forwards: listeners of the controlplane's, whose connections are eager ones with a target
/// that is known beforehand. Each worker has the listeners by descriptors of its own.
extension Worker {
    @_noAllocation @_noLocks
    mutating func updateForward(_ update: ForwardUpdate, _ id: UInt32) {
        switch update.action {
        case .add:
            return addForward(update, id)
        case .remove:
            let slot = forwardSlot(update.forward)
            if slot != 0 { removeForward(slot) }
        case .forgetOthers:
            var slot: UInt32 = 1
            while Int(slot) < forwards.count {
                let isOther = forwards[slot].link != link.generation
                if forwards[slot].id != 0 && isOther { removeForward(slot) }
                slot += 1
            }
        }
        reply(id, .ok)
    }

    @_noAllocation @_noLocks
    private mutating func addForward(_ update: ForwardUpdate, _ id: UInt32) {
        let listener = link.takeDescriptor()
        guard listener >= 0 else { return reply(id, .badDescriptors) }
        var slot = forwardSlot(update.forward)
        if slot == 0 { slot = forwardSlot(0) }
        guard isKnown(update.network), slot != 0 else {
            _ = dp_close(listener)
            return reply(id, slot == 0 ? .tooLarge : .noSuchNetwork)
        }
        let former = forwards[slot].id == 0 ? -1 : forwards[slot].listener
        let isSame =
            former >= 0 && forwards[slot].network == update.network
            && forwards[slot].target == update.target && forwards[slot].name == update.name
        if !isSame { forwards[slot].generation &+= 1 }
        forwards[slot].id = update.forward
        forwards[slot].listener = listener
        forwards[slot].network = update.network
        forwards[slot].target = update.target
        forwards[slot].name = update.name
        forwards[slot].link = link.generation
        _ = share(listener, .forward, slot)
        if former >= 0 {
            // Whoever is in its backlog believes in his connection already.
            accept(from: former, .forwarded(slot), atMost: .max)
            closeListener(former)
        }
        reply(id, .ok)
    }

    @_noAllocation @_noLocks
    private mutating func removeForward(_ slot: UInt32) {
        closeListener(forwards[slot].listener)
        forwards[slot].id = 0
        forwards[slot].generation &+= 1
    }

    /// Others may have the same listener, so that closing it alone would not end its events.
    @_noAllocation @_noLocks
    private func closeListener(_ listener: Int32) {
        _ = dp_epoll_remove(epoll, listener)
        _ = dp_close(listener)
    }

    /// The slot with this number, or for 0 one that is free; 0 where there is none.
    @_noAllocation @_noLocks
    private func forwardSlot(_ id: UInt32) -> UInt32 {
        var slot: UInt32 = 1
        while Int(slot) < forwards.count {
            if forwards[slot].id == id { return slot }
            slot += 1
        }
        return 0
    }

    @_noAllocation @_noLocks
    mutating func acceptForwarded(_ slot: UInt32) {
        guard forwards[slot].id != 0 else { return }
        accept(from: forwards[slot].listener, .forwarded(slot))
    }

    @_noAllocation @_noLocks
    mutating func admitForwarded(_ client: Int32, _ peer: dp_endpoint, _ slot: UInt32) {
        let network = forwards[slot].network
        // A name needs somebody on the far side to look it up.
        let isFit = forwards[slot].name.count == 0 || treatment(of: network).connector == .socks
        guard networks[network].isConfigured, isFit else {
            count(.refusedReset)
            _ = dp_reset(client)
            return
        }
        // A Unix socket's client has no address; 0.0.0.0 stands for all of them.
        let source = Endpoint(Family(wire: peer.family) ?? .ipv4, peer)
        beginEager(client, source, forwards[slot].target, network, forward: slot)
    }
}
