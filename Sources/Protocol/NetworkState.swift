/// What the dataplane does with a network's new connections and packets from now on.
public struct NetworkState: WireMessage {
    /// The four ways to treat a network.
    public enum State: UInt8, CaseIterable, Sendable {
        /// Down and willing: a packet is parked and raises a demand.
        case idle = 1
        /// The tunnel is on its way: packets are parked without a further demand.
        case dialling = 2
        /// Packets go on, parked ones too.
        case up = 3
        /// Answered at once as `cause` says: the tunnel failed and must not be tried now.
        case refusing = 4
    }

    /// What a refused client is told.
    public enum Cause: UInt8, CaseIterable, Sendable {
        /// Nothing is refused: the cause in every state but `refusing`.
        case none = 0
        /// ICMP host unreachable.
        case unreachable = 1
        /// TCP reset.
        case reset = 2
    }

    /// The network's id.
    public let network: UInt32

    /// How to treat it.
    public let state: State

    /// What a refused client is told.
    public let cause: Cause

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(network: UInt32, state: State, cause: Cause) {
        self.network = network
        self.state = state
        self.cause = cause
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        network = reader.u32()
        let state = NetworkState.state(reader.u8())
        let cause = NetworkState.cause(reader.u8())
        reader.reserved16()
        guard let state, let cause, reader.isComplete, network != Limits.networkAll else {
            return nil
        }
        // A cause without a refusal, or a refusal without one, is a sender that is confused.
        switch (state, cause) {
        case (.refusing, .unreachable), (.refusing, .reset): break
        case (.idle, .none), (.dialling, .none), (.up, .none): break
        default: return nil
        }
        self.state = state
        self.cause = cause
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.networkState, flags: 0, requestID: requestID)
        writer.put(network)
        writer.put(state.rawValue)
        writer.put(cause.rawValue)
        writer.put(UInt16(0))
        writer.end()
    }

    @_noAllocation @_noLocks
    private static func state(_ wire: UInt8) -> State? {
        switch wire {
        case 1: .idle
        case 2: .dialling
        case 3: .up
        case 4: .refusing
        default: nil
        }
    }

    @_noAllocation @_noLocks
    private static func cause(_ wire: UInt8) -> Cause? {
        switch wire {
        case 0: Cause.none
        case 1: .unreachable
        case 2: .reset
        default: nil
        }
    }
}
