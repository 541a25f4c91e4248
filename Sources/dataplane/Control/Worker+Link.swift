internal import CLinux
internal import Protocol

/// The link to the controlplane: accepting it, reading frames, sending what is queued.
extension Worker {
    @_noAllocation @_noLocks
    mutating func acceptControl() {
        var user: UInt32 = 0
        let result = unsafe dp_accept_control(control, &user)
        guard result >= 0 else { return }
        let descriptor = Int32(truncatingIfNeeded: result)
        guard user == 0 || user == controlUser else {
            Log.warning("refused a link from a user who is not the controlplane: uid", Int(user))
            _ = dp_close(descriptor)
            return
        }
        // One link is enough: the next is for another worker.
        _ = dp_epoll_remove(epoll, control)
        link.open(descriptor)
        _ = dp_epoll_add_stream(
            epoll, descriptor, Token(.link, slot: 0, generation: link.generation).packed)
        DataplaneHello(
            pid: dp_own_pid(), worker: UInt8(truncatingIfNeeded: index),
            workers: UInt8(truncatingIfNeeded: crew.count),
            listening: FamilySet(ipv4: redirect4 >= 0, ipv6: redirect6 >= 0)
        ).encode(into: &link.writer, requestID: 0)
        Log.notice("the controlplane is connected to worker", Int(index))
    }

    @_noAllocation @_noLocks
    mutating func linkIsReady(_ events: UInt32, _ generation: UInt32) {
        guard link.isOpen, Token(.link, slot: 0, generation: link.generation).isCurrent(generation)
        else { return }
        while link.isOpen {
            guard let isAlive = link.receive() else { return }
            guard isAlive else { return loseLink("the controlplane is gone; what is up stays up") }
            readFrames()
        }
    }

    @_noAllocation @_noLocks
    private mutating func readFrames() {
        while link.isOpen {
            switch link.reader.next() {
            case .needMore:
                return
            case .malformed:
                count(.linkErrors)
                return loseLink("the controlplane sent a malformed frame; closed the link")
            case .frame(let header, var body):
                handle(header, &body)
            }
        }
    }

    @_noAllocation @_noLocks
    mutating func loseLink(_ words: StaticString) {
        Log.warning(words)
        link.close()
        if control >= 0 { _ = share(control, .control, 0) }
    }

    @_noAllocation @_noLocks
    mutating func flushLink() {
        guard link.flush() else {
            return loseLink("the controlplane does not read; closed the link")
        }
    }
}
