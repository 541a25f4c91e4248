internal import CLinux
internal import Protocol

/// One local socket of a tunnel client: an ssh master's dynamic forward.
struct TunnelEndpoint {
    var isUsed = false
    /// The controlplane's number for it.
    var id: UInt32 = 0
    var network: UInt32 = 0
    /// The port of `Limits.loopback` where it listens; 0 for a Unix socket.
    var port: UInt16 = 0
    /// Connections it may carry, and those that it carries or is opening.
    var capacity: UInt32 = 0
    var load: UInt32 = 0
    /// No longer offered: connections that it carries go on.
    var isRetired = false
    /// When its other end was last seen to listen.
    var verifiedAt: UInt64 = 0
    var next: UInt32 = 0
}

/// All local sockets of all tunnels that are up.
struct EndpointTable {
    static let pathStride = 128

    let slots: Slab<TunnelEndpoint>
    private let paths: Slab<CChar>
    private var list: SlotList

    init(capacity: Int) {
        slots = Slab(count: capacity + 1)
        paths = Slab(count: (capacity + 1) * Self.pathStride)
        list = SlotList(capacity: capacity)
    }

    /// The path as a C string, valid while the slot is used.
    @_noAllocation @_noLocks
    func path(_ slot: UInt32) -> UnsafeMutablePointer<CChar> {
        unsafe paths.pointer(to: slot * UInt32(Self.pathStride))
    }

    /// True for a port of the loopback address.
    @_noAllocation @_noLocks
    func isTCP(_ slot: UInt32) -> Bool { slots[slot].port != 0 }

    /// The loopback address and the slot's port.
    @_noAllocation @_noLocks
    func address(_ slot: UInt32) -> dp_endpoint {
        dp_endpoint(
            high: Address(ipv4: Limits.loopback).high, low: 0, port: slots[slot].port, family: 4)
    }

    /// Where the tunnel client listens.
    @_noAllocation @_noLocks
    func socket(_ slot: UInt32) -> LocalSocket {
        guard !isTCP(slot) else { return .loopback(port: slots[slot].port) }
        // SAFETY: the path is within its slot.
        return .path(unsafe SocketPath(copying: UnsafeRawPointer(path(slot))))
    }

    /// The lowest slot that was never used.
    var fresh: UInt32 {
        @_noAllocation @_noLocks get { list.fresh }
    }

    /// Where the tunnel client listens from now on.
    @_noAllocation @_noLocks
    func set(_ socket: LocalSocket, of slot: UInt32) {
        switch socket {
        case .path(let path):
            slots[slot].port = 0
            // SAFETY: a path slot has room for the longest path and its NUL.
            _ = unsafe path.copy(
                to: UnsafeMutableRawBufferPointer(start: self.path(slot), count: Self.pathStride))
        case .loopback(let port):
            slots[slot].port = port
        }
    }

    /// A slot with nothing set; 0 if there is none.
    @_noAllocation @_noLocks
    mutating func take() -> UInt32 {
        let slot = list.take()
        guard slot != 0 else { return 0 }
        slots[slot] = TunnelEndpoint()
        slots[slot].isUsed = true
        return slot
    }

    @_noAllocation @_noLocks
    mutating func free(_ slot: UInt32) {
        slots[slot].isUsed = false
        list.free(slot)
    }
}
