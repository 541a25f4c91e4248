/// What an epoll event is about: a kind, a slot, and the slot's generation, so that an event that
/// was already queued for an earlier user of the slot is recognised and dropped.
struct Token {
    enum Kind: UInt8 {
        case none, tun, redirect, inbox, control, link, forward
        /// The client of an eager opening that is parked.
        case openingClient
        /// The two legs of a connection.
        case client, upstream
    }

    let kind: Kind
    let slot: UInt32
    let generation: UInt32

    @_noAllocation @_noLocks
    init(_ kind: Kind, slot: UInt32, generation: UInt32 = 0) {
        self.kind = kind
        self.slot = slot
        self.generation = generation & 0xff_ffff
    }

    @_noAllocation @_noLocks
    init(packed: UInt64) {
        kind = Kind(rawValue: UInt8(truncatingIfNeeded: packed >> 56)) ?? .none
        generation = UInt32(truncatingIfNeeded: packed >> 32) & 0xff_ffff
        slot = UInt32(truncatingIfNeeded: packed)
    }

    var packed: UInt64 {
        @_noAllocation @_noLocks get {
            UInt64(kind.rawValue) << 56 | UInt64(generation) << 32 | UInt64(slot)
        }
    }

    @_noAllocation @_noLocks
    func isCurrent(_ generation: UInt32) -> Bool {
        self.generation == generation & 0xff_ffff
    }
}
