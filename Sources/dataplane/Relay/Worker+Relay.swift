internal import CLinux
internal import Protocol

/// Joins the two legs of a connection and moves its bytes.
extension Worker {
    /// Steps of one connection before the others get their turn.
    private static var stepsPerTurn: Int { 32 }
    /// Bytes asked of one splice(2): more than a pipe's pages hold, since one of its slots may name
    /// a larger piece of memory.
    private static var spliceMax: Int { 1 << 20 }
    /// How long a connection lives before it is worth the system calls of a keepalive.
    static var youthMicroseconds: UInt64 { 1_000_000 }

    /// The opening's far side and its client become a connection.
    @_noAllocation @_noLocks
    mutating func pair(_ opening: UInt32, client: Int32) {
        let from = openings.slots[opening]
        let slot = from.connection
        let slots = connections.slots
        slots[slot].opening = 0
        slots[slot].client = client
        slots[slot].openedAt = now
        slots[slot].connectMicroseconds = from.connectMicroseconds
        if !from.isEager {
            let token = Token(.client, slot: slot, generation: slots[slot].generation)
            _ = dp_epoll_add_stream(epoll, client, token.packed)
        }
        networks[from.network].open += 1
        slots[slot].out.isPrompt = from.endpoint != 0
        connections.markYoung(slot)
        forget(opening)
        count(.paired)
        if slots[slot].out.isReadable || slots[slot].back.isReadable { connections.markReady(slot) }
    }

    @_noAllocation @_noLocks
    mutating func legIsReady(_ token: Token, _ events: UInt32) {
        let slot = token.slot
        let slots = connections.slots
        guard slots[slot].isUsed, token.isCurrent(slots[slot].generation) else { return }
        let isClient = token.kind == .client
        let readable =
            DP_READ.rawValue | DP_PEER_CLOSED.rawValue | DP_URGENT.rawValue | DP_HANGUP.rawValue
            | DP_FAILED.rawValue
        let writable = DP_WRITE.rawValue | DP_HANGUP.rawValue | DP_FAILED.rawValue
        let canRead = events & UInt32(readable) != 0
        let canWrite = events & UInt32(writable) != 0
        let isLeaving = events & UInt32(DP_PEER_CLOSED.rawValue) != 0
        let isUrgent = events & UInt32(DP_URGENT.rawValue) != 0
        if isClient {
            if canRead { slots[slot].out.isReadable = true }
            if canWrite { slots[slot].back.isWritable = true }
            if isLeaving { slots[slot].out.isLeaving = true }
            if isUrgent { slots[slot].out.isUrgent = true }
        } else {
            if canRead { slots[slot].back.isReadable = true }
            if canWrite { slots[slot].out.isWritable = true }
            if isLeaving { slots[slot].back.isLeaving = true }
            if isUrgent { slots[slot].back.isUrgent = true }
        }
        if slots[slot].opening != 0 {
            return isClient
                ? openingClientIsReady(slots[slot].opening, events)
                : openingTargetIsReady(slots[slot].opening, events)
        }
        if canRead { noteMessage(slot, fromClient: isClient) }
        relay(slot)
        // What could be delivered was: nothing else would tell.
        guard events & UInt32(DP_FAILED.rawValue) != 0, slots[slot].isUsed else { return }
        abort(slot, isClient ? .resetByClient : .resetByFarSide)
    }

    /// A message is worth waiting for the next one if it answers the one before: a stream that goes
    /// one way would be read in pieces. Only after a first message and its answer, so that short
    /// connections are not waited for, nor tunnels whose client may want this very processor.
    @_noAllocation @_noLocks
    private mutating func noteMessage(_ slot: UInt32, fromClient: Bool) {
        let slots = connections.slots
        let (out, back) = (slots[slot].out, slots[slot].back)
        let isAnswer = slots[slot].wasFromClient != fromClient
        slots[slot].wasFromClient = fromClient
        let isBulk = out.isBulk || back.isBulk
        let isExchange =
            isAnswer && out.total > 0 && back.total > 0 && !out.isLeaving && !back.isLeaving
        guard isBulk || isExchange && slots[slot].endpoint == 0 else { return }
        busyPoll.moved(isBulk: isBulk)
    }

    /// Keepalives for those that have lived long enough: by them a peer is noticed that vanished. A
    /// tunnel's local socket needs none.
    @_noAllocation @_noLocks
    mutating func seasonConnections() {
        while connections.young.first != 0 {
            let slot = connections.young.first
            guard now - connections.slots[slot].openedAt >= Self.youthMicroseconds else { return }
            dp_keep_alive(connections.slots[slot].client)
            if connections.slots[slot].endpoint == 0 {
                dp_keep_alive(connections.slots[slot].upstream)
            }
            connections.season(slot)
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
                let closes = slots[slot].back.isDone
                switch move(&slots[slot].out, from: client, to: upstream, closes: closes) {
                case .moved: break
                case .waits: outMoves = false
                case .sourceFailed: return abort(slot, .resetByClient)
                case .targetFailed: return abort(slot, .resetByFarSide)
                }
            }
            if backMoves {
                if isCutOff(slot) { return abort(slot, .resetByFarSide) }
                let closes = slots[slot].out.isDone
                switch move(&slots[slot].back, from: upstream, to: client, closes: closes) {
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
    ///
    /// An ssh master passes an end on by shutdown(2), and closes a channel only when its client has
    /// ended, too, or when it was reset; a master that dies just closes. Only after a client's end
    /// the two look alike.
    @_noAllocation @_noLocks
    private mutating func isCutOff(_ slot: UInt32) -> Bool {
        let endpoint = connections.slots[slot].endpoint
        guard endpoint != 0, case .finish = connections.slots[slot].back.step else { return false }
        if !endpoints.isTCP(endpoint) && !connections.slots[slot].out.isDone {
            return dp_is_closed(connections.slots[slot].upstream) != 0
        }
        return !isAlive(endpoint)
    }

    private enum Outcome { case moved, waits, sourceFailed, targetFailed }

    /// One step of one direction.
    @_noAllocation @_noLocks
    private mutating func move(
        _ direction: inout Direction, from source: Int32, to target: Int32, closes: Bool
    ) -> Outcome {
        switch direction.step {
        case .copy:
            return copy(&direction, from: source, to: target)
        case .fill:
            if direction.pipe == 0 { direction.pipe = pipes.lend() }
            guard direction.pipe != 0 else { return pass(&direction, from: source, to: target) }
            let pipe = pipes.slots[direction.pipe]
            let count = dp_splice(source, pipe.write, Self.spliceMax)
            guard count > 0 else { return readNothing(&direction, count) }
            direction.filled(count)
            return .moved
        case .drain:
            makePrompt(&direction, target)
            let pipe = pipes.slots[direction.pipe]
            let count = dp_splice(pipe.read, target, Int(direction.level))
            if count > 0 {
                direction.drained(count)
                if direction.level == 0 && pipes.isAdopted(direction.pipe) { giveBack(&direction) }
                return .moved
            }
            if count == Int(DP_EAGAIN.rawValue) {
                direction.drainBlocked()
                return .waits
            }
            return .targetFailed
        case .finish:
            giveBack(&direction)
            // Where both directions have ended, both legs are closed anyway. ENOTCONN: the target was
            // reset, which its own direction notices.
            if !closes { _ = dp_shutdown_write(target) }
            direction.finished()
            return .waits
        case .wait, .done:
            if direction.level == 0 { giveBack(&direction) }
            return .waits
        }
    }

    /// The source gave no bytes: it has ended, has none now, or failed.
    @_noAllocation @_noLocks
    private mutating func readNothing(_ direction: inout Direction, _ result: Int) -> Outcome {
        if result == 0 {
            direction.ended()
            return .moved
        }
        guard result == Int(DP_EAGAIN.rawValue) else { return .sourceFailed }
        direction.fillBlocked()
        return .moved  // once more, to give the pipe back
    }

    /// A message: read and sent. What the target does not take is kept in a pipe.
    @_noAllocation @_noLocks
    private mutating func copy(
        _ direction: inout Direction, from source: Int32, to target: Int32
    ) -> Outcome {
        // Before anything is read that there would be no place for.
        guard pipes.canLend else { return pass(&direction, from: source, to: target) }
        let bytes = unsafe scratch.pointer(to: 0)
        let length = unsafe dp_read(source, bytes, Direction.copyMax)
        guard length > 0 else { return readNothing(&direction, length) }
        direction.read(length)
        makePrompt(&direction, target)
        var sent = unsafe dp_send(target, bytes, length)
        if sent == Int(DP_EAGAIN.rawValue) { sent = 0 }
        guard sent >= 0 else { return .targetFailed }
        direction.copied(sent)
        guard sent < length else { return .moved }
        direction.drainBlocked()
        direction.pipe = pipes.lend()
        let rest = unsafe dp_write(
            pipes.slots[direction.pipe].write, bytes + sent, length - sent)
        guard rest == length - sent else { return .targetFailed }
        direction.filled(rest)
        return .waits
    }

    /// Without a pipe: what the target takes is taken from the source, so that nothing has to be
    /// kept in between.
    @_noAllocation @_noLocks
    private mutating func pass(
        _ direction: inout Direction, from source: Int32, to target: Int32
    ) -> Outcome {
        count(.pipeExhausted)
        let bytes = unsafe scratch.pointer(to: 0)
        let available = unsafe dp_peek(source, bytes, Direction.copyMax)
        guard available > 0 else { return readNothing(&direction, available) }
        makePrompt(&direction, target)
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

    /// Nagle's algorithm delays the second message and not the first: a connection with one has no
    /// need of the system call.
    @_noAllocation @_noLocks
    private func makePrompt(_ direction: inout Direction, _ target: Int32) {
        guard !direction.isPrompt, direction.total > 0 else { return }
        direction.isPrompt = true
        _ = dp_no_delay(target)
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
