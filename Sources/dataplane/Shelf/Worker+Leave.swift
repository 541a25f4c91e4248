internal import CLinux
internal import Protocol

/// The end of this process: its connections are left on the shelf for the next one.
extension Worker {
    /// How long that may take, in all workers.
    private static var leaveMicroseconds: UInt64 { 3_000_000 }

    /// Leaves what this worker has on the shelf. Where there is no room for them, or nobody who takes
    /// them, connections end with a reset: a download that was cut short must not look whole.
    ///
    /// Far sides that are being opened are given up, and opened anew by the next process, which gets
    /// the SYN.
    @_noAllocation @_noLocks
    mutating func leave() {
        now = dp_now_us()
        if index == 0 { unsafe crew.wakeOthers(letters.pointer(to: 0)) }
        // Clients of far sides that are open here.
        if inbox >= 0 { takeHanded() }
        var count = leaveConnections() + leaveClients()
        if index == 0 {
            awaitOthers()
            count += leaveHanded()
        }
        // For themselves: a process that knows no SYNs drops the message with which they come.
        leaveParcel()
        leaveSYNs()
        leaveParcel()
        if count > notLeft { Log.notice("connections left for the next process:", count - notLeft) }
        if notLeft > 0 { Log.warning("no shelf, or no room on it; connections that end:", notLeft) }
        flushLink()
        crew.left[index] = 1
    }

    @_noAllocation @_noLocks
    private mutating func leaveConnections() -> Int {
        var count = 0
        var slot: UInt32 = 1
        while slot < connections.fresh {
            let connection = connections.slots[slot]
            if connection.isUsed && connection.opening == 0 {
                put(connection)
                count += 1
            }
            slot += 1
        }
        return count
    }

    /// Clients that have been let in and wait for a far side.
    @_noAllocation @_noLocks
    private mutating func leaveClients() -> Int {
        var count = 0
        var slot: UInt32 = 1
        while slot < openings.fresh {
            let opening = openings.slots[slot]
            if opening.client >= 0 && opening.phase != .free {
                // Whom it is for, only its forward knows, which the next process has yet to be told
                // of.
                let isByName = opening.forward != 0 && forwards[opening.forward].name.count > 0
                if isByName {
                    dp_resets(opening.client, true)
                    notLeft += 1
                } else {
                    put(client: opening)
                }
                count += 1
            }
            slot += 1
        }
        return count
    }

    @_noAllocation @_noLocks
    private mutating func leaveSYNs() {
        var slot: UInt32 = 1
        while slot < openings.fresh {
            if openings.slots[slot].hasUnansweredSYN { put(syn: slot) }
            slot += 1
        }
    }

    /// Clients that one worker accepted for another, which had left already: only the last one to
    /// leave finds them.
    @_noAllocation @_noLocks
    private mutating func leaveHanded() -> Int {
        guard inbox >= 0 else { return 0 }
        var count = 0
        var worker: UInt32 = 0
        while Int(worker) < crew.count {
            var last = receiveLetters(from: crew.inbox(of: worker))
            while last > 0 {
                var slot: UInt32 = 1
                while slot <= last {
                    if letters[slot].client >= 0 {
                        put(handed: letters[slot])
                        count += 1
                    }
                    slot += 1
                }
                last = receiveLetters(from: crew.inbox(of: worker))
            }
            worker += 1
        }
        return count
    }

    @_noAllocation @_noLocks
    private mutating func put(_ connection: Connection) {
        let endpoint = connection.endpoint
        var way = KeptConnection.Way.direct
        var socket = LocalSocket.path(SocketPath())
        if endpoint != 0 {
            way = endpoints.slots[endpoint].isRetired ? .retired : .offered
            socket = endpoints.socket(endpoint)
        }
        dp_resets(connection.client, true)
        dp_resets(connection.upstream, true)
        guard shelf.isKnown else { return notLeft += 1 }
        parcel.add(
            KeptConnection(
                phase: .relayed, network: connection.network, source: connection.source,
                target: connection.target, openedAt: connection.openedAt,
                connectMicros: connection.connectMicroseconds, out: connection.out.kept,
                back: connection.back.kept, way: way,
                endpoint: endpoint == 0 ? 0 : endpoints.slots[endpoint].id, socket: socket))
        parcel.add(connection.client)
        parcel.add(connection.upstream)
        if connection.out.level > 0 { parcel.add(pipes.slots[connection.out.pipe].read) }
        if connection.back.level > 0 { parcel.add(pipes.slots[connection.back.pipe].read) }
        if parcel.isFull { leaveParcel() }
    }

    @_noAllocation @_noLocks
    private mutating func put(client opening: Opening) {
        dp_resets(opening.client, true)
        guard shelf.isKnown, opening.network != 0 else { return notLeft += 1 }
        parcel.add(
            KeptConnection(
                phase: .waiting, network: opening.network, source: opening.source,
                target: opening.target, openedAt: opening.firstSeen, connectMicros: 0,
                out: KeptDirection(), back: KeptDirection(), way: .direct, endpoint: 0,
                socket: .path(SocketPath())))
        parcel.add(opening.client)
        if parcel.isFull { leaveParcel() }
    }

    @_noAllocation @_noLocks
    private mutating func put(handed letter: Handed) {
        var opening = Opening()
        opening.client = letter.client
        opening.source = letter.source
        opening.target = letter.target
        opening.network = prefixes.network(of: letter.target) ?? 0
        opening.firstSeen = now
        put(client: opening)
    }

    /// One for which there is no shelf is repeated by its client.
    @_noAllocation @_noLocks
    private mutating func put(syn slot: UInt32) {
        guard shelf.isKnown else { return }
        let opening = openings.slots[slot]
        let packet = packets.packet(slot, length: Int(opening.packetLength))
        parcel.add(
            unsafe KeptSYN(
                network: opening.network, firstSeen: opening.firstSeen, lastSeen: opening.lastSeen,
                clockHertz: opening.clockHertz, firstTimestamp: opening.firstTimestamp,
                copying: packet.memory, count: packet.count))
        if parcel.isFull { leaveParcel() }
    }

    /// What does not fit is reset by the end of this process.
    @_noAllocation @_noLocks
    private mutating func leaveParcel() {
        let count = parcel.connections
        if parcel.count > 0, parcel.leave(on: shelf.into) < 0 { notLeft += count }
    }

    @_noAllocation @_noLocks
    private mutating func awaitOthers() {
        let until = now + Self.leaveMicroseconds
        while !crew.haveOthersLeft && dp_now_us() < until {
            // Nothing is in it: a millisecond passes.
            _ = unsafe dp_epoll_wait(spare, ready.pointer(to: 0), 1, 1)
        }
    }
}
