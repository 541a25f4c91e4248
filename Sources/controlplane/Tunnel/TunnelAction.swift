extension TunnelMachine {
    /// What the machine wants done, in the order given.
    enum Action: Equatable, Sendable {
        /// Tell the dataplane (and everyone who asks) how packets fare now.
        case publish(DataState)
        /// Dial. Answered by `ready` or `failed`.
        case start(attempt: Int)
        /// End the back end and clean the host. Answered by `cleaned`; may be repeated.
        case stop
        /// Ask the dataplane to park new connections and to count. Answered by `drained`.
        case requestDrain(token: UInt64)
        /// Deliver `deadline` at that instant; replaces the one before.
        case arm(Instant)
        /// No deadline is needed.
        case disarm
        /// Remember across restarts and reboots that this tunnel must not be tried.
        case persistLock(Failure)
        /// Forget it.
        case clearLock
        /// Remember across restarts whether a person took the tunnel down.
        case persistHeldDown(Bool)
        /// Write it down.
        case log(Transition)
    }

    /// How the dataplane treats a packet of the tunnel's networks.
    enum DataState: Equatable, Sendable {
        /// No tunnel: park the packet and raise a demand.
        case idle
        /// One is coming: park the packet, say nothing.
        case dialling
        /// Carry it.
        case up
        /// None is coming: answer at once.
        case refusing(Refusal)
    }

    /// How a refused packet is answered. The raw value is the `cause` of the wire's `networkState`.
    enum Refusal: UInt8, Equatable, Sendable {
        /// ICMP host unreachable: true for whatever keeps a gateway from being used.
        case unreachable = 1
    }

    /// One change of state, in words.
    struct Transition: Equatable, Sendable {
        let source: String
        let target: String
        let reason: String
    }
}
