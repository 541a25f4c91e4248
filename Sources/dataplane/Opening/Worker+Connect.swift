internal import CLinux
internal import Protocol

/// What the far side, or the tunnel's local socket on the way to it, says to an opening.
extension Worker {
    @_noAllocation @_noLocks
    mutating func openingTargetIsReady(_ slot: UInt32, _ events: UInt32) {
        switch openings.slots[slot].phase {
        case .free, .parked, .queued:
            break
        case .connecting:
            let failed = DP_FAILED.rawValue | DP_HANGUP.rawValue
            let isFine = events & UInt32(failed) == 0
            let error = isFine ? 0 : dp_socket_error(openings.slots[slot].upstream)
            if error == 0 {
                connected(slot)
            } else if openings.slots[slot].endpoint != 0 {
                endpointFailed(slot, error)
            } else {
                fail(slot, error)
            }
        case .negotiating:
            readAnswer(slot)
        case .released:
            // The far side talks, or closes, before the client is there: it is noted for the relay.
            break
        }
    }

    /// The connection stands: to the far side itself, or to the tunnel's local socket.
    @_noAllocation @_noLocks
    mutating func connected(_ slot: UInt32) {
        if openings.slots[slot].endpoint != 0 { negotiate(slot) } else { opened(slot) }
    }

    /// Asks the tunnel's local socket for the target.
    @_noAllocation @_noLocks
    private mutating func negotiate(_ slot: UInt32) {
        let slots = openings.slots
        slots[slot].phase = .negotiating
        let request = unsafe PacketBytes(scratch.pointer(to: 0), count: Socks.requestMax)
        guard let length = writeRequest(of: slot, into: request) else {
            return fail(slot, Int(DP_ECONNREFUSED.rawValue))
        }
        // A fresh socket has room for so few bytes: a short write means that its other end is
        // gone.
        let written = unsafe dp_send(slots[slot].upstream, request.memory, length)
        if written != length { endpointFailed(slot, -1) }
    }

    /// Nil where its static forward leads elsewhere by now, or is gone.
    @_noAllocation @_noLocks
    private func writeRequest(of slot: UInt32, into request: PacketBytes) -> Int? {
        let forward = openings.slots[slot].forward
        guard forward != 0 else { return Socks.request(openings.slots[slot].target, into: request) }
        guard forwards[forward].generation == openings.slots[slot].forwardGeneration else {
            return nil
        }
        guard forwards[forward].name.count > 0 else {
            return Socks.request(openings.slots[slot].target, into: request)
        }
        return Socks.request(
            forwards[forward].name, port: openings.slots[slot].target.port, into: request)
    }

    @_noAllocation @_noLocks
    private mutating func readAnswer(_ slot: UInt32) {
        let slots = openings.slots
        let have = Int(slots[slot].negotiated)
        let whole = packets.answer(slot, length: Int(Socks.answerLength))
        // Not a byte more than the answer: what follows belongs to the client.
        let length = unsafe dp_read(
            slots[slot].upstream, whole.memory + have, Int(Socks.answerLength) - have)
        if length == Int(DP_EAGAIN.rawValue) { return }
        guard length > 0 else { return answerEnded(slot) }
        slots[slot].negotiated += UInt8(truncatingIfNeeded: length)
        switch Socks.answer(packets.answer(slot, length: have + length)) {
        case .incomplete: readAnswer(slot)
        case .opened: opened(slot)
        case .reset: fail(slot, Int(DP_ECONNREFUSED.rawValue))
        case .unreachable: fail(slot, Int(DP_EHOSTUNREACH.rawValue))
        case .broken: endpointFailed(slot, -1)
        }
    }

    /// OpenSSH says "refused" or "unreachable" by closing after its greeting. A master that dies
    /// closes too: only one that still listens has given an answer, and a dying one stops listening
    /// before it closes its channels.
    @_noAllocation @_noLocks
    private mutating func answerEnded(_ slot: UInt32) {
        let opening = openings.slots[slot]
        guard opening.negotiated >= Socks.greetingLength else { return endpointFailed(slot, -1) }
        if isAlive(opening.endpoint) { return fail(slot, Int(DP_ECONNREFUSED.rawValue)) }
        endpointFailed(slot, Int(DP_ECONNREFUSED.rawValue))
    }

    /// The tunnel's local socket, or the tunnel itself, failed this opening: it waits for another
    /// one, or for the tunnel to come back.
    @_noAllocation @_noLocks
    mutating func endpointFailed(_ slot: UInt32, _ error: Int) {
        let slots = openings.slots
        let endpoint = slots[slot].endpoint
        let network = slots[slot].network
        _ = dp_close(slots[slot].upstream)
        connections.free(slots[slot].connection)
        slots[slot].connection = 0
        slots[slot].upstream = -1
        slots[slot].endpoint = 0
        slots[slot].negotiated = 0
        let hosts = sources.slots
        hosts[slots[slot].sourceSlot].engaged -= 1
        if hosts[slots[slot].sourceSlot].queue.first != 0 {
            sources.enterRing(slots[slot].sourceSlot)
        }
        needsPump = true
        networks[network].engaged -= 1
        networks[network].waiting += 1
        engaged -= 1
        slots[slot].phase = .parked
        if slots[slot].isEager { watchClient(slot) }
        if endpoint != 0 {
            unload(endpoint)
            loseEndpoint(endpoint, error)
        }
        let networks = self.networks
        networks[network].parked.append(slot, in: openings.links)
        // Not at once: the controlplane is just being told.
        timers.arm(slot, at: now + 50_000)
        if networks[network].state == .idle { raiseDemandOfHeld(network) }
    }

    /// An eager client went away while its far side was being opened.
    @_noAllocation @_noLocks
    mutating func openingClientIsReady(_ slot: UInt32, _ events: UInt32) {
        let gone = DP_FAILED.rawValue | DP_HANGUP.rawValue
        if events & UInt32(gone) != 0 { dispose(slot) }
    }

    /// The same while it is parked.
    @_noAllocation @_noLocks
    mutating func openingClientIsReady(_ token: Token, _ events: UInt32) {
        guard token.isCurrent(openings.slots[token.slot].generation),
            openings.slots[token.slot].phase != .free
        else { return }
        openingClientIsReady(token.slot, events)
    }

    /// Has epoll(7) tell of an eager opening's client, by the name of the opening, or of the
    /// connection once there is one. What was told before is told again.
    @_noAllocation @_noLocks
    mutating func watchClient(_ slot: UInt32) {
        let opening = openings.slots[slot]
        let connection = opening.connection
        let token =
            connection == 0
            ? Token(.openingClient, slot: slot, generation: opening.generation)
            : Token(
                .client, slot: connection, generation: connections.slots[connection].generation)
        if opening.isWatched {
            _ = dp_epoll_move_stream(epoll, opening.client, token.packed)
        } else {
            _ = dp_epoll_add_stream(epoll, opening.client, token.packed)
            openings.slots[slot].isWatched = true
        }
    }
}
