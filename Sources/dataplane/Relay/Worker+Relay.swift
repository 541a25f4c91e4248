internal import CLinux
internal import Protocol

/// Joins the two legs of a connection and moves its bytes.
extension Worker {
    /// Steps of one connection before the others get their turn.
    private static var stepsPerTurn: Int { 32 }
    /// Bytes moved without a pipe at a time.
    private static var copyMax: Int { 16_384 }

    /// The opening's far side and its client become a connection.
    @_noAllocation @_noLocks
    mutating func pair(_ opening: UInt32, client: Int32) {
        let from = openings.slots[opening]
        let slot = connections.take()
        guard slot != 0 else {
            count(.acceptFailures)
            if !from.isEager { _ = dp_reset(client) }
            return dispose(opening)
        }
        let slots = connections.slots
        slots[slot].client = client
        slots[slot].upstream = from.upstream
        slots[slot].source = from.source
        slots[slot].target = from.target
        slots[slot].network = from.network
        slots[slot].endpoint = from.endpoint
        slots[slot].openedAt = now
        slots[slot].connectMicroseconds = from.connectMicroseconds
        let generation = slots[slot].generation
        let clientToken = Token(.client, slot: slot, generation: generation).packed
        if from.isEager {
            _ = dp_epoll_move_stream(epoll, client, clientToken)
        } else {
            _ = dp_epoll_add_stream(epoll, client, clientToken)
        }
        _ = dp_epoll_move_stream(
            epoll, from.upstream, Token(.upstream, slot: slot, generation: generation).packed)
        networks[from.network].open += 1
        forget(opening)
        count(.paired)
        report(connection: slot, .opened, .ok)
        connections.markReady(slot)
    }

    @_noAllocation @_noLocks
    mutating func legIsReady(_ token: Token, _ events: UInt32) {
        let slot = token.slot
        let slots = connections.slots
        guard slots[slot].isUsed, token.isCurrent(slots[slot].generation) else { return }
        let readable =
            DP_READ.rawValue | DP_PEER_CLOSED.rawValue | DP_HANGUP.rawValue | DP_FAILED.rawValue
        let writable = DP_WRITE.rawValue | DP_HANGUP.rawValue | DP_FAILED.rawValue
        let canRead = events & UInt32(readable) != 0
        let canWrite = events & UInt32(writable) != 0
        if token.kind == .client {
            if canRead { slots[slot].out.isReadable = true }
            if canWrite { slots[slot].back.isWritable = true }
        } else {
            if canRead { slots[slot].back.isReadable = true }
            if canWrite { slots[slot].out.isWritable = true }
        }
        relay(slot)
        guard events & UInt32(DP_FAILED.rawValue) != 0, slots[slot].isUsed else { return }
        // A leg that had ended in order, and failed since, will never be read again: nothing else
        // would tell.
        let isClient = token.kind == .client
        if isClient ? slots[slot].out.hasEnded : slots[slot].back.hasEnded {
            abort(slot, isClient ? .resetByClient : .resetByFarSide)
        }
    }

    /// One turn for each connection whose steps ran out before.
    @_noAllocation @_noLocks
    mutating func relayReady() {
        let end = connections.readyEnd
        guard end != 0 else { return }
        while true {
            let slot = connections.takeReady()
            if slot == 0 { return }
            if connections.slots[slot].isUsed { relay(slot) }
            if slot == end { return }
        }
    }

    @_noAllocation @_noLocks
    private mutating func relay(_ slot: UInt32) {
        let slots = connections.slots
        let client = slots[slot].client
        let upstream = slots[slot].upstream
        var left = Self.stepsPerTurn
        var outMoves = true
        var backMoves = true
        while outMoves || backMoves {
            if left <= 0 { return connections.markReady(slot) }
            if outMoves {
                switch move(&slots[slot].out, from: client, to: upstream) {
                case .moved: break
                case .waits: outMoves = false
                case .sourceFailed: return abort(slot, .resetByClient)
                case .targetFailed: return abort(slot, .resetByFarSide)
                }
            }
            if backMoves {
                if isCutOff(slot) { return abort(slot, .resetByFarSide) }
                switch move(&slots[slot].back, from: upstream, to: client) {
                case .moved: break
                case .waits: backMoves = false
                case .sourceFailed: return abort(slot, .resetByFarSide)
                case .targetFailed: return abort(slot, .resetByClient)
                }
            }
            left -= 1
        }
        if slots[slot].out.isDone && slots[slot].back.isDone { close(slot) }
    }

    /// Whether the far side's end is really the end of its tunnel: what came is then cut short, and
    /// must not look whole.
    @_noAllocation @_noLocks
    private mutating func isCutOff(_ slot: UInt32) -> Bool {
        let endpoint = connections.slots[slot].endpoint
        guard endpoint != 0, case .finish = connections.slots[slot].back.step else { return false }
        return !isAlive(endpoint)
    }

    private enum Outcome { case moved, waits, sourceFailed, targetFailed }

    /// One step of one direction.
    @_noAllocation @_noLocks
    private mutating func move(
        _ direction: inout Direction, from source: Int32, to target: Int32
    ) -> Outcome {
        switch direction.step {
        case .fill:
            if direction.pipe == 0 { direction.pipe = pipes.lend() }
            if direction.pipe == 0 { return copy(&direction, from: source, to: target) }
            let pipe = pipes.slots[direction.pipe]
            let count = dp_splice(source, pipe.write, Int(pipe.capacity))
            return filled(&direction, count)
        case .drain:
            let count = dp_splice(pipes.slots[direction.pipe].read, target, Int(direction.level))
            if count > 0 {
                direction.drained(count)
                return .moved
            }
            if count == Int(DP_EAGAIN.rawValue) {
                direction.drainBlocked()
                return .waits
            }
            return .targetFailed
        case .finish:
            giveBack(&direction)
            // ENOTCONN: the target was reset, which its own direction notices.
            _ = dp_shutdown_write(target)
            direction.finished()
            return .waits
        case .wait, .done:
            if direction.level == 0 { giveBack(&direction) }
            return .waits
        }
    }

    @_noAllocation @_noLocks
    private mutating func filled(_ direction: inout Direction, _ count: Int) -> Outcome {
        if count > 0 {
            direction.filled(count)
            return .moved
        }
        if count == 0 {
            direction.ended()
            return .moved
        }
        guard count == Int(DP_EAGAIN.rawValue) else { return .sourceFailed }
        direction.fillBlocked()
        return .moved  // once more, to give the pipe back
    }

    /// Without a pipe: what the target takes is taken from the source, so that nothing has to be
    /// kept in between.
    @_noAllocation @_noLocks
    private mutating func copy(
        _ direction: inout Direction, from source: Int32, to target: Int32
    ) -> Outcome {
        count(.pipeExhausted)
        guard direction.isWritable else { return .waits }
        let bytes = unsafe scratch.pointer(to: 0)
        let available = unsafe dp_peek(source, bytes, Self.copyMax)
        guard available > 0 else { return filled(&direction, available) }
        let sent = unsafe dp_send(target, bytes, available)
        if sent == Int(DP_EAGAIN.rawValue) {
            direction.drainBlocked()
            return .waits
        }
        guard sent > 0 else { return .targetFailed }
        _ = dp_discard(source, sent)
        direction.copied(sent)
        return .moved
    }

    @_noAllocation @_noLocks
    private mutating func giveBack(_ direction: inout Direction) {
        guard direction.pipe != 0 else { return }
        pipes.take(back: direction.pipe, level: direction.level)
        direction.pipe = 0
    }

    /// Both directions have ended in order.
    @_noAllocation @_noLocks
    private mutating func close(_ slot: UInt32) {
        _ = dp_close(connections.slots[slot].client)
        _ = dp_close(connections.slots[slot].upstream)
        remove(slot, .ok)
    }

    /// Ends both legs with a RST; a Unix socket's other end, to which none can be sent, sees it closed.
    @_noAllocation @_noLocks
    mutating func abort(_ slot: UInt32, _ result: ConnectionRecord.Result) {
        let connection = connections.slots[slot]
        _ = dp_reset(connection.client)
        _ = dp_reset(connection.upstream)
        remove(slot, result)
    }

    @_noAllocation @_noLocks
    private mutating func remove(_ slot: UInt32, _ result: ConnectionRecord.Result) {
        let slots = connections.slots
        giveBack(&slots[slot].out)
        giveBack(&slots[slot].back)
        let network = slots[slot].network
        count(.bytesOut, by: slots[slot].out.total)
        count(.bytesIn, by: slots[slot].back.total)
        report(connection: slot, .closed, result)
        networks[network].open -= 1
        if slots[slot].endpoint != 0 { unload(slots[slot].endpoint) }
        connections.free(slot)
        markDirty(network)
        unpark(network, count: 1)
        needsPump = true
    }
}
