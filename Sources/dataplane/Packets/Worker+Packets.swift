internal import Protocol

/// Packets of networks whose tunnel carries packets: held while it is down, in their order, sent on
/// when it is up, and answered when it cannot be had.
extension Worker {
    /// A packet came to the doorbell because its network's tunnel has no route.
    @_noAllocation @_noLocks
    mutating func packetArrived(_ segment: Segment, _ packet: PacketBytes, network: UInt32) {
        switch networks[network].state {
        case .up:
            // The tunnel's route has just been made, or has just gone; netfilter drops what would
            // come back.
            sendHeld(packet, isLocal: packet.isLocal)
        case .refusing:
            answerHeld(segment.isDemand ? segment.kind : .ignored, packet, network)
        case .idle, .dialling:
            hold(segment, packet, network)
        }
    }

    /// Whether the network's filter lets such a packet make its tunnel dial.
    @_noAllocation @_noLocks
    func mayStart(_ segment: Segment, network: UInt32) -> Bool {
        filters[UInt32(treatment(of: network).filter)].allows(
            ipProtocol: segment.ipProtocol, port: segment.selector)
    }

    @_noAllocation @_noLocks
    private mutating func hold(_ segment: Segment, _ packet: PacketBytes, _ network: UInt32) {
        if segment.isLaterFragment {
            // It is worth as much as its first part, which is not looked for: most likely it waits.
            guard networks[network].state == .dialling || networks[network].packets.count > 0 else {
                return count(.packetsDropped)
            }
        } else {
            guard mayStart(segment, network: network) else { return count(.packetsFiltered) }
            guard segment.isDemand else { return count(.packetsDropped) }
            if segment.kind == .syn && replacesHeld(segment, packet, network) { return }
        }
        guard park(segment, packet, network) else { return count(.packetsDropped) }
        count(.packetsParked)
        if networks[network].state == .idle { raiseDemandOfHeld(network) }
    }

    /// False if a limit is reached.
    @_noAllocation @_noLocks
    private mutating func park(_ segment: Segment, _ packet: PacketBytes, _ network: UInt32) -> Bool
    {
        let family = segment.source.family
        let host = sources.find(family, segment.source.address)
        guard packet.count <= HeldPackets.packetMax,
            networks[network].packets.count < sizing.heldPerNetwork,
            host == 0 || sources.slots[host].packets < sizing.heldPerSource
        else { return false }
        let slot = held.take()
        guard slot != 0 else { return false }
        let slots = held.slots
        slots[slot].kind = segment.kind
        slots[slot].isLocal = packet.isLocal
        slots[slot].ipProtocol = segment.ipProtocol
        slots[slot].source = segment.source
        slots[slot].target = segment.target
        slots[slot].network = network
        slots[slot].sourceSlot = sources.hold(family, segment.source.address)
        held.keep(packet, as: slot)
        let networks = self.networks
        networks[network].packets.append(slot, in: held.links)
        heldTimers.arm(slot, at: now + treatment(of: network).holdMicroseconds)
        markDirty(network)
        return true
    }

    /// True for a SYN that is held already: the newest has taken its place, because the time it was held will
    /// look like a slow network to the client (see `ClockRate`).
    @_noAllocation @_noLocks
    private mutating func replacesHeld(
        _ segment: Segment, _ packet: PacketBytes, _ network: UInt32
    ) -> Bool {
        guard packet.count <= HeldPackets.packetMax else { return false }
        let slots = held.slots
        var slot = networks[network].packets.first
        while slot != 0 {
            if slots[slot].kind == .syn && slots[slot].source == segment.source
                && slots[slot].target == segment.target
            {
                held.keep(packet, as: slot)
                count(.synRetransmitted)
                return true
            }
            slot = held.links[slot].next
        }
        return false
    }

    /// Sends on all that is held for a network that is up.
    @_noAllocation @_noLocks
    mutating func releasePackets(_ network: UInt32) {
        while networks[network].packets.first != 0 {
            let slot = networks[network].packets.first
            sendHeld(held.packet(slot), isLocal: held.slots[slot].isLocal)
            letGo(slot)
        }
    }

    /// Answers all that is held for a network that cannot be had.
    @_noAllocation @_noLocks
    mutating func refusePackets(_ network: UInt32) {
        while networks[network].packets.first != 0 { refusePacket(networks[network].packets.first) }
    }

    /// Answers what was held for as long as its network allows.
    @_noAllocation @_noLocks
    mutating func expirePackets() {
        while true {
            let slot = heldTimers.expired(at: now)
            guard slot != 0 else { return }
            refusePacket(slot)
        }
    }

    @_noAllocation @_noLocks
    private mutating func refusePacket(_ slot: UInt32) {
        answerHeld(held.slots[slot].kind, held.packet(slot), held.slots[slot].network)
        letGo(slot)
    }

    @_noAllocation @_noLocks
    private mutating func sendHeld(_ packet: PacketBytes, isLocal: Bool) {
        count(sendOn(packet, isLocal: isLocal) ? .packetsReleased : .packetsDropped)
    }

    /// Has netfilter answer a packet: TCP that belongs to a connection with a RST, everything else
    /// with host unreachable unless the network says otherwise.
    @_noAllocation @_noLocks
    private mutating func answerHeld(
        _ kind: Segment.Kind, _ packet: PacketBytes, _ network: UInt32
    ) {
        let mark: Mark
        switch kind {
        case .ignored: return count(.packetsDropped)
        case .stray: mark = .reset
        case .syn: mark = networks[network].refusesWithReset ? .reset : .unreachable
        case .datagram: mark = .unreachable
        }
        guard answers.allows(at: now), write(packet, as: mark) else {
            return count(.packetsDropped)
        }
        count(.packetsRefused)
    }

    @_noAllocation @_noLocks
    private mutating func letGo(_ slot: UInt32) {
        let network = held.slots[slot].network
        let networks = self.networks
        heldTimers.disarm(slot)
        networks[network].packets.remove(slot, in: held.links)
        sources.letGo(held.slots[slot].sourceSlot)
        held.free(slot)
        markDirty(network)
    }
}
