extension TunnelMachine {
    /// What a tunnel's machine is told. None of them may be withheld; each may come at any time.
    enum Event: Equatable, Sendable {
        /// A packet for one of the tunnel's networks is parked.
        case demand(Cause)
        /// A person asked for the tunnel: also ends `operatorDown`, and any hold-off.
        case operatorUp
        /// A person wants it down: nothing dials until `operatorUp`.
        case operatorDown
        /// The back end's first endpoint can be used.
        case ready
        /// A dial failed; the back end has nothing running any more.
        case failed(Failure)
        /// The tunnel's last endpoint is gone; nil when the back end was told to stop, which
        /// changes nothing here.
        case ended(Failure?)
        /// The dataplane's count for all networks of the tunnel.
        case activity(open: Int, opening: Int, parked: Int)
        /// Packets passed the tunnel's device, the last of them that counts at that instant.
        case used(at: Instant)
        /// The dataplane has parked new connections as `requestDrain` asked; `open` counts those
        /// that stand or are being opened. `token` is the one of the request.
        case drained(token: UInt64, open: Int)
        /// Everything that `stop` asked for is done and the host is clean.
        case cleaned
        /// The armed deadline is there.
        case deadline
        /// A person lifts the lock (or cuts a hold-off short).
        case unlock
        /// The dial asks a person for a secret, who has so many milliseconds.
        case asks(Int64)
        /// The secret that the lock was about is another one now.
        case credentialChanged
        /// The way to the gateway that the tunnel was made on is gone: the host moved.
        case pathLost(String)
        /// The host is about to sleep.
        case hostSleeps
        /// The host's way to the world is another one: what failed before may work now.
        case networkChanged
        /// The back end found endpoints of an earlier life of ours, and they work.
        case adopted
    }

    /// What made somebody want the tunnel, for the log and `status`.
    struct Cause: Equatable, Sendable {
        /// For a packet its 5-tuple, such as `tcp 192.168.1.7:40122 → 10.1.2.3:80`.
        let summary: String

        init(_ summary: String) { self.summary = summary }
    }
}
