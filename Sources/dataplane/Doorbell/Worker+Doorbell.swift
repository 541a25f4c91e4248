internal import CLinux
internal import Protocol

/// Packets from `dvpn0`: each is a demand for a network that has no tunnel, or for a connection
/// whose far side is to be opened first.
extension Worker {
    /// Packets read in one go before other events get their turn.
    private static var packetsPerPass: Int { 64 }
    /// A SYN that comes back sooner than this after it was written to `dvpn0` was not redirected:
    /// no TCP repeats one so soon.
    private static var returnMicroseconds: UInt64 { 100_000 }

    @_noAllocation @_noLocks
    mutating func doorbellRang() {
        var left = isLoaded ? Self.packetsPerPass : 1
        while left > 0 {
            let bytes = unsafe scratch.pointer(to: 0)
            let length = unsafe dp_read(tun, bytes, Self.scratchLength)
            if length <= 0 {
                if length != Int(DP_EAGAIN.rawValue) && length != Int(DP_EINTR.rawValue) {
                    loseDoorbell()
                }
                break
            }
            receive(unsafe PacketBytes(bytes, count: length))
            left -= 1
        }
        needsPump = true
    }

    /// The device is gone (EBADFD): the controlplane makes it anew and hands over another queue.
    @_noAllocation @_noLocks
    private mutating func loseDoorbell() {
        Log.warning("dvpn0 is gone; waiting for the controlplane to hand over another queue")
        _ = dp_close(tun)
        tun = -1
    }

    @_noAllocation @_noLocks
    private mutating func receive(_ packet: PacketBytes) {
        guard let segment = Segment(packet) else { return count(.notPrivate) }
        guard !packet.isReturned else { return count(.returnedPackets) }
        guard let network = prefixes.network(of: segment.target), networks[network].isConfigured
        else {
            // What IPv6 says to its neighbours on every device is not worth counting.
            if segment.kind != .ignored { count(.notPrivate) }
            return
        }
        if treatment(of: network).routes(segment.ipProtocol) {
            return packetArrived(segment, packet, network: network)
        }
        switch segment.kind {
        case .ignored: break
        case .syn: synArrived(segment, packet, network: network)
        case .stray: answer(packet, .reset)
        case .datagram: answer(packet, .unreachable)
        }
    }

    /// Answers a packet that no connection belongs to, so that its sender does not wait for
    /// nothing.
    @_noAllocation @_noLocks
    private mutating func answer(_ packet: PacketBytes, _ mark: Mark) {
        count(.strayPackets)
        guard answers.allows(at: now) else { return }
        write(packet, as: mark)
    }

    @_noAllocation @_noLocks
    private mutating func synArrived(
        _ segment: Segment, _ packet: PacketBytes, network id: UInt32
    ) {
        count(.synReceived)
        let known = openings.find(segment.source, segment.target)
        if known != 0 {
            if openings.slots[known].sequence == segment.sequence {
                return synRepeated(known, segment, packet)
            }
            // The client began anew: whatever was opened for its last attempt is of no use.
            dispose(known)
        }
        guard isListening(segment.source.family) else {
            count(.refusedUnreachable)
            write(packet, as: .unreachable)
            return
        }
        if networks[id].state == .refusing {
            let mark: Mark = networks[id].refusesWithReset ? .reset : .unreachable
            count(mark == .reset ? .refusedReset : .refusedUnreachable)
            write(packet, as: mark)
            return
        }
        if networks[id].state != .up && !mayStart(segment, network: id) {
            return count(.packetsFiltered)
        }
        let slot = admit(segment, packet, network: id)
        if slot != 0 { place(slot) }
    }

    /// False where only the other family's listener is ours: the port may be somebody else's in this
    /// one, and netfilter would lead the client there.
    @_noAllocation @_noLocks
    private func isListening(_ family: Family) -> Bool {
        let (own, other) = family == .ipv4 ? (redirect4, redirect6) : (redirect6, redirect4)
        return own >= 0 || other < 0
    }

    /// Admits an opening for a SYN that nobody has seen yet; 0 where there is no room. It is in no list.
    @_noAllocation @_noLocks
    mutating func admit(_ segment: Segment, _ packet: PacketBytes, network: UInt32) -> UInt32 {
        let fits = packet.count <= PacketStore.packetMax
        let slot = fits ? admit(segment.source, segment.target, network: network) : 0
        guard slot != 0 else {
            count(.synDropped)
            return 0
        }
        openings.slots[slot].sequence = segment.sequence
        remember(slot, segment, packet)
        openings.enter(slot)
        return slot
    }

    /// The same SYN once more: while the far side is being opened the newest is kept, so that it
    /// was held for the shortest time; once released it is written again, since the accept queue
    /// may have dropped it.
    @_noAllocation @_noLocks
    private mutating func synRepeated(_ slot: UInt32, _ segment: Segment, _ packet: PacketBytes) {
        let isReleased = openings.slots[slot].phase == .released
        if isReleased && now - openings.slots[slot].written < Self.returnMicroseconds {
            return count(.returnedPackets)
        }
        guard packet.count <= PacketStore.packetMax else { return }
        count(.synRetransmitted)
        remember(slot, segment, packet)
        if isReleased { release(slot) }
    }

    @_noAllocation @_noLocks
    private func remember(_ slot: UInt32, _ segment: Segment, _ packet: PacketBytes) {
        let slots = openings.slots
        packets.keep(packet, as: slot)
        slots[slot].isLocal = packet.isLocal
        slots[slot].packetLength = UInt16(truncatingIfNeeded: packet.count)
        slots[slot].tcpOffset = UInt16(truncatingIfNeeded: segment.tcpOffset)
        slots[slot].timestampOffset = UInt16(truncatingIfNeeded: segment.timestampOffset)
        slots[slot].lastSeen = now
        guard segment.timestampOffset != 0 else { return }
        let timestamp = packet.u32(segment.timestampOffset)
        if slots[slot].firstSeen == now {
            slots[slot].firstTimestamp = timestamp
        } else if let rate = ClockRate(
            ticks: timestamp &- slots[slot].firstTimestamp, span: now - slots[slot].firstSeen)
        {
            slots[slot].clockHertz = rate.hertz
        }
    }

    /// Sends the opening's SYN on: netfilter redirects it to the listener now.
    @_noAllocation @_noLocks
    mutating func release(_ slot: UInt32) {
        let slots = openings.slots
        let packet = packets.packet(slot, length: Int(slots[slot].packetLength))
        if slots[slot].timestampOffset != 0, let rate = ClockRate(hertz: slots[slot].clockHertz) {
            packet.advanceTimestamp(
                at: Int(slots[slot].timestampOffset), tcpOffset: Int(slots[slot].tcpOffset),
                by: rate.ticks(in: now - slots[slot].lastSeen))
            // Once is enough: should the same copy be written again, it was held no longer.
            slots[slot].timestampOffset = 0
        }
        if slots[slot].phase != .released {
            let hosts = sources.slots
            hosts[slots[slot].sourceSlot].released.append(slot, in: openings.links)
            slots[slot].phase = .released
        }
        slots[slot].written = now
        timers.arm(slot, at: now + Self.acceptMicroseconds)
        count(.releasedSyn)
        // By it whoever accepts the connection knows whose it is.
        _ = sendOn(packet, isLocal: slots[slot].isLocal, as: UInt8(truncatingIfNeeded: index))
    }

    /// Has netfilter answer the opening's SYN.
    @_noAllocation @_noLocks
    mutating func refuse(_ slot: UInt32, with mark: Mark) {
        count(mark == .reset ? .refusedReset : .refusedUnreachable)
        // The accepted client of an eager one is reset when it is disposed of.
        if openings.slots[slot].isEager { return }
        write(packets.packet(slot, length: Int(openings.slots[slot].packetLength)), as: mark)
    }

    /// Gives a packet to the kernel, which routes it anew; false if it does not take it.
    @_noAllocation @_noLocks
    func sendOn(_ packet: PacketBytes, isLocal: Bool, as codepoint: UInt8 = 0) -> Bool {
        guard isLocal, rawSocket >= 0 else { return write(packet, as: codepoint) }
        packet.put(codepoint)
        return unsafe dp_send_raw6(rawSocket, packet.memory, packet.count) >= 0
    }

    /// False where the packet is lost: a full queue drops it, as any link would.
    @_noAllocation @_noLocks @discardableResult
    func write(_ packet: PacketBytes, as mark: Mark) -> Bool { write(packet, as: mark.rawValue) }

    @_noAllocation @_noLocks
    private func write(_ packet: PacketBytes, as codepoint: UInt8) -> Bool {
        guard tun >= 0 else { return false }
        packet.put(codepoint)
        return unsafe dp_write(tun, packet.memory, packet.count) >= 0
    }
}
