internal import CLinux
internal import Protocol

/// Accepted connections and the workers that have opened their far sides. Any worker may accept;
/// the SYN says who wrote it.
extension Worker {
    /// Pairs an accepted connection with its far side, or hands it to the worker that has that.
    @_noAllocation @_noLocks
    mutating func findFarSide(of client: Int32, _ source: Endpoint, _ target: Endpoint) {
        let all = UInt32(truncatingIfNeeded: crew.count)
        let mark = all > 1 ? dp_saved_codepoint(client) : Int(index)
        let owner = UInt32(truncatingIfNeeded: mark)
        // Nobody wrote this mark: it was lost on the way, and everybody is asked.
        guard mark >= 0, owner < all, owner != index else {
            return claim(client, source, target, left: all)
        }
        hand(client, source, target, to: owner, left: all)
    }

    /// What the others hand to this worker.
    @_noAllocation @_noLocks
    mutating func takeHanded() {
        let last = receiveLetters(from: inbox)
        var slot: UInt32 = 1
        while slot <= last {
            let letter = letters[slot]
            if letter.client >= 0 {
                claim(letter.client, letter.source, letter.target, left: letter.left)
            }
            slot += 1
        }
        needsPump = true
    }

    /// Reads an inbox, as far as there is room: the number of letters, which are from slot 1 on.
    @_noAllocation @_noLocks
    func receiveLetters(from inbox: Int32) -> UInt32 {
        let room = letters.count - 1
        let length = unsafe dp_read(inbox, letters.pointer(to: 1), room * Handed.length)
        return UInt32(clamping: length / Handed.length)
    }

    /// Pairs the connection, or lets the next worker try: the far side of another connection, alike
    /// in client and destination, may have taken the place of its own (`released`).
    @_noAllocation @_noLocks
    private mutating func claim(
        _ client: Int32, _ source: Endpoint, _ target: Endpoint, left: UInt32
    ) {
        let slot = released(source, target)
        if slot != 0 { return pair(slot, client: client) }
        if left > 1 {
            let next = (index + 1) % UInt32(truncatingIfNeeded: crew.count)
            return hand(client, source, target, to: next, left: left - 1)
        }
        if isYoung, let network = prefixes.network(of: target), networks[network].isConfigured,
            networks[network].state != .refusing
        {
            // The process before us let it in, or would have: it has no other chance.
            beginEager(client, source, target, network)
            return
        }
        // Its far side was given up.
        count(.strays)
        _ = dp_reset(client)
    }

    /// True while connections may be accepted whose SYN another process has written.
    private var isYoung: Bool {
        @_noAllocation @_noLocks get { now - startedAt < Self.acceptMicroseconds }
    }

    @_noAllocation @_noLocks
    private mutating func hand(
        _ client: Int32, _ source: Endpoint, _ target: Endpoint, to worker: UInt32, left: UInt32
    ) {
        letters[0] = Handed(client: client, left: left, source: source, target: target)
        guard unsafe !crew.hand(letters.pointer(to: 0), to: worker) else {
            return count(.handedOn)
        }
        count(.acceptLimited)
        _ = dp_reset(client)
    }
}
