extension TunnelMachine {
    /// Where a tunnel stands. Every state holds exactly what it needs to be left.
    enum State: Equatable, Sendable {
        /// Nothing runs. A demand dials, unless a person took the tunnel down.
        case idle
        /// The back end is starting; `attempt` counts from 1 and grows with failures in a row.
        case dialling(attempt: Int, since: Instant)
        /// In use, or quiet since an instant: nothing open, opening or parked.
        case up(since: Instant, quietSince: Instant?)
        /// Quiet for long: the dataplane was asked whether it really is.
        case draining(up: Instant, since: Instant)
        /// Nothing of the tunnel may be used; what is left of it is being removed.
        case cleaning(After, since: Instant)
        /// A try failed: the next one not before an instant.
        case holdoff(until: Instant, Failure)
        /// Another try would harm: a person or another secret must end this.
        case locked(Failure)

        /// The state's name in `status`, logs and the API.
        var name: String {
            switch self {
            case .idle: "idle"
            case .dialling: "dialling"
            case .up: "up"
            case .draining: "draining"
            case .cleaning: "cleaning"
            case .holdoff: "holdoff"
            case .locked: "locked"
            }
        }

        /// Why the tunnel is not to be had, where a failure is the reason.
        var failure: Failure? {
            switch self {
            case .holdoff(_, let failure), .locked(let failure),
                .cleaning(.holdoff(_, let failure), _), .cleaning(.locked(let failure), _):
                failure
            case .idle, .dialling, .up, .draining, .cleaning(.idle, _), .cleaning(.dial, _):
                nil
            }
        }

        var isDraining: Bool {
            if case .draining = self { true } else { false }
        }

        var isUp: Bool {
            if case .up = self { true } else { false }
        }

        /// True while the back end's tunnel can be used.
        var isStanding: Bool { isUp || isDraining }

        /// True also while the refused dial is being cleaned away.
        var isLocked: Bool {
            switch self {
            case .locked, .cleaning(.locked, _): true
            case .idle, .dialling, .up, .draining, .cleaning, .holdoff: false
            }
        }

        var isDialling: Bool {
            if case .dialling = self { true } else { false }
        }

        var isCleaning: Bool {
            if case .cleaning = self { true } else { false }
        }
    }

    /// What comes when the host is clean.
    enum After: Equatable, Sendable {
        case idle
        /// A demand came while the old tunnel was being removed.
        case dial
        case holdoff(until: Instant, Failure)
        case locked(Failure)
    }

    /// The machine's times, in milliseconds.
    struct Timing: Equatable, Sendable {
        /// Close after so long without a connection; nil: never.
        var idleMs: Int64?
        /// Give a dial up after this.
        var dialMs: Int64 = 30_000
        /// Take the dataplane's silence to a drain request as "in use" after this.
        var drainMs: Int64 = 5_000
        /// Ask again for a stop that was not answered after this.
        var cleanMs: Int64 = 20_000
        /// A tunnel that stood for so long and ends unasked may be dialled again at once.
        var stableMs: Int64 = 60_000
        var backoff = Backoff()
        /// Ask no person again for so long after one has refused, unless another one wants it.
        var declinedMs: Int64 = 60_000
    }
}
