/// The life of one tunnel: which events make it dial, close, wait or stay locked.
///
/// ```
///            demand, up                ready                idle for long
///   idle ─────────────────▶ dialling ─────────▶ up ─────────────────────▶ draining
///    ▲ ▲                        │ failed         │ ended       ▲  in use  │   │ nothing open
///    │ └── holdoff ◀──┐         ▼                ▼             └──────────┘   ▼
///    │      locked ◀──┴───── cleaning ◀──────────┴───────────────────────── (stop)
///    └──────────────────────────┘ cleaned
/// ```
///
/// It is a value without clocks, files or processes: every event carries the time, and the answer
/// is a list of actions. `start` is only ever issued when everything of the dial before is gone
/// (`cleaned`), so a tunnel is never dialled twice at once, whatever the order of events.
struct TunnelMachine: Sendable {
    /// Milliseconds of a clock that never goes back and counts while the machine sleeps.
    typealias Instant = Int64

    private(set) var state: State
    /// A person took the tunnel down: demand is refused until a person takes it up.
    private(set) var heldDown: Bool
    /// Failures in a row; a tunnel that stayed up for `stableMs`, or ended well, resets it.
    private(set) var failures = 0
    /// When the executor must deliver `deadline`; nil in states that only events can leave.
    private(set) var armed: Instant?

    private let timing: Timing
    private var drainToken: UInt64 = 0
    /// How much longer this dial may take because a person was asked.
    private var promptMs: Int64 = 0
    private var published: DataState?

    /// - Parameters:
    ///   - lock: the remembered reason not to try, from the lock store.
    ///   - heldDown: the remembered wish of a person.
    init(timing: Timing, lock: Failure? = nil, heldDown: Bool = false) {
        self.timing = timing
        self.heldDown = heldDown
        state = if let lock { .locked(lock) } else { .idle }
    }

    /// How the dataplane must treat packets now; what `publish` said last, also for a resync.
    var dataState: DataState {
        if heldDown { return .refusing(.unreachable) }
        return switch state {
        case .idle: .idle
        case .dialling: .dialling
        // Parking while draining is part of the handshake, not a state that the network is in.
        case .up, .draining: .up
        case .cleaning(.idle, _): .idle
        case .cleaning(.dial, _): .dialling
        case .cleaning(.holdoff, _), .cleaning(.locked, _): .refusing(.unreachable)
        case .holdoff, .locked: .refusing(.unreachable)
        }
    }

    /// Takes one event and says what to do.
    ///
    /// - Parameter jitter: from 0 to 1, another one each time; spreads the hold-offs.
    mutating func on(_ event: Event, now: Instant, jitter: Double) -> [Action] {
        let source = state
        var effects: [Action] = []
        let reason = step(event, now, jitter, &effects)

        var actions: [Action] = []
        // A network that came back from draining is still parked in the dataplane: say "up" again,
        // although as a state of the network nothing has changed.
        if dataState != published || (source.isDraining && state.isUp) {
            published = dataState
            actions.append(.publish(dataState))
        }
        actions += effects
        let needed = deadline
        if needed != armed {
            armed = needed
            actions.append(needed.map { .arm($0) } ?? .disarm)
        }
        if source.name != state.name {
            actions.append(
                .log(Transition(source: source.name, target: state.name, reason: reason)))
        }
        return actions
    }

    // MARK: - Events

    /// Changes the state, collects what must be done beside publishing and timing, and says why.
    private mutating func step(
        _ event: Event, _ now: Instant, _ jitter: Double, _ effects: inout [Action]
    ) -> String {
        switch event {
        case .demand(let cause):
            return demanded(cause, now, &effects)
        case .operatorUp:
            return operatorUp(now, &effects)
        case .operatorDown:
            return operatorDown(now, &effects)
        case .asks(let limitMs):
            guard case .dialling = state else { return "late" }
            promptMs = limitMs
            return "asks"
        case .ready:
            // Only a dial can become ready. Elsewhere the word comes too late: we gave up on it.
            guard case .dialling = state else { return "late" }
            state = .up(since: now, quietSince: now)
            return "ready"
        case .failed(let failure):
            return lost(failure, now, jitter, &effects)
        case .ended(let failure):
            // The end that `stop` brought: `cleaned` answers for it, and this word of it may come
            // when the next dial is already under way.
            guard let failure else { return "stopped" }
            return lost(failure, now, jitter, &effects)
        case .activity(let open, let opening, let parked):
            guard case .up(let since, let quietSince) = state else { return "not up" }
            let busy = open + opening + parked > 0
            state = .up(since: since, quietSince: busy ? nil : quietSince ?? now)
            return "activity"
        case .used(let instant):
            return used(instant)
        case .drained(let token, let open):
            return drained(token, open, now, &effects)
        case .cleaned:
            return cleaned(now, &effects)
        case .deadline:
            return deadlineReached(now, jitter, &effects)
        case .unlock:
            return released("unlocked by a person", &effects)
        case .credentialChanged:
            return released("the credentials changed", &effects)
        case .pathLost(let reason):
            return pathLost(reason, now, &effects)
        case .hostSleeps:
            return hostSleeps(now, &effects)
        case .networkChanged:
            return released("the network changed", keepsLock: true, &effects)
        case .adopted:
            return adopted(now, &effects)
        }
    }

    /// The device's own use counts like the dataplane's connections. While the tunnel drains it
    /// must be known before `drained` says that nothing is open.
    private mutating func used(_ instant: Instant) -> String {
        switch state {
        case .up(let since, let quietSince?) where instant > quietSince:
            state = .up(since: since, quietSince: instant)
        case .draining(let up, let since):
            guard let idleMs = timing.idleMs, instant + idleMs > since else { return "used before" }
            state = .up(since: up, quietSince: instant)
        case .idle, .dialling, .up, .cleaning, .holdoff, .locked:
            return "nothing new"
        }
        return "packets in the tunnel"
    }

    private mutating func demanded(
        _ cause: Cause, _ now: Instant, _ effects: inout [Action]
    ) -> String {
        // A person's "down" outlives every packet.
        guard !heldDown else { return "held down" }
        switch state {
        case .idle:
            dial(&effects, now)
        case .up(let since, let quietSince):
            // The packet crossed our word that the tunnel is up. It counts as use.
            state = .up(since: since, quietSince: quietSince.map { _ in now })
        case .draining(let since, _):
            // The tunnel stands and somebody wants it: cheaper than to end it and dial again.
            state = .up(since: since, quietSince: now)
        case .cleaning(.idle, let since):
            state = .cleaning(.dial, since: since)
        case .dialling, .cleaning(.dial, _):
            break  // One dial serves every demand.
        case .cleaning(.holdoff, _), .cleaning(.locked, _), .holdoff, .locked:
            break  // The dataplane answers these packets itself; this one crossed our word.
        }
        return "demand: \(cause.summary)"
    }

    private mutating func operatorUp(_ now: Instant, _ effects: inout [Action]) -> String {
        setHeldDown(false, &effects)
        switch state {
        case .idle, .holdoff:
            dial(&effects, now)
        case .draining(let since, _):
            state = .up(since: since, quietSince: now)
        case .cleaning(.idle, let since), .cleaning(.holdoff, let since):
            state = .cleaning(.dial, since: since)
        case .dialling, .up, .cleaning(.dial, _):
            break
        case .locked, .cleaning(.locked, _):
            break  // To lift a lock is a step of its own: it may cost somebody the account.
        }
        return "up, asked by a person"
    }

    private mutating func operatorDown(_ now: Instant, _ effects: inout [Action]) -> String {
        setHeldDown(true, &effects)
        switch state {
        case .dialling, .up, .draining:
            stop(then: .idle, now, &effects)
        case .cleaning(.dial, let since), .cleaning(.holdoff, let since):
            state = .cleaning(.idle, since: since)
        case .holdoff:
            state = .idle
        case .idle, .locked, .cleaning(.idle, _), .cleaning(.locked, _):
            break
        }
        failures = 0
        return "down, asked by a person"
    }

    /// A dial failed or a tunnel ended: what follows depends on why and on how long it had stood.
    private mutating func lost(
        _ failure: Failure, _ now: Instant, _ jitter: Double, _ effects: inout [Action]
    ) -> String {
        switch state {
        case .dialling:
            stop(then: afterFailure(failure, now, jitter, &effects), now, &effects)
        case .up(let since, _), .draining(let since, _):
            if now - since >= timing.stableMs && !failure.locks {
                // It worked for long: the next demand may dial at once.
                failures = 0
                stop(then: .idle, now, &effects)
            } else {
                stop(then: afterFailure(failure, now, jitter, &effects), now, &effects)
            }
        case .locked, .cleaning(.locked, _):
            break  // The same again, or less.
        case .cleaning(_, let since) where failure.locks:
            // Refused while it was being taken down: that counts for the gateway all the same.
            state = .cleaning(afterFailure(failure, now, jitter, &effects), since: since)
        case .idle where failure.locks, .holdoff where failure.locks:
            // Refused in an earlier life, or for another network with the same account.
            stop(then: afterFailure(failure, now, jitter, &effects), now, &effects)
        case .cleaning:
            break  // The end that we asked for.
        case .idle, .holdoff:
            break  // Late news of something that is already cleaned away.
        }
        return "\(failure.kind.rawValue): \(failure.message)"
    }

    private mutating func drained(
        _ token: UInt64, _ open: Int, _ now: Instant, _ effects: inout [Action]
    ) -> String {
        // The answer to an older question says nothing about now.
        guard case .draining(let since, _) = state, token == drainToken else { return "late" }
        guard open == 0 else {
            state = .up(since: since, quietSince: nil)
            return "\(open) connections came in the meantime"
        }
        failures = 0
        stop(then: .idle, now, &effects)
        return "idle"
    }

    private mutating func cleaned(_ now: Instant, _ effects: inout [Action]) -> String {
        guard case .cleaning(let next, _) = state else { return "late" }
        switch next {
        case .idle:
            state = .idle
        case .dial:
            dial(&effects, now)
        case .holdoff(let until, let failure):
            state = until > now ? .holdoff(until: until, failure) : .idle
        case .locked(let failure):
            state = .locked(failure)
        }
        return "cleaned"
    }

    private mutating func deadlineReached(
        _ now: Instant, _ jitter: Double, _ effects: inout [Action]
    ) -> String {
        // The executor's timer is spent, so the same instant has to be armed anew if it was early.
        armed = nil
        guard let deadline, now >= deadline else { return "early" }
        switch state {
        case .dialling:
            let seconds = (promptMs + timing.dialMs) / 1_000
            let failure = Failure(.timedOut, "the tunnel was not up after \(seconds) s")
            stop(then: afterFailure(failure, now, jitter, &effects), now, &effects)
            return failure.message
        case .up(let since, _):
            drainToken += 1
            state = .draining(up: since, since: now)
            effects.append(.requestDrain(token: drainToken))
            return "idle"
        case .draining(let since, _):
            // Without the dataplane's word a connection may be open: keep the tunnel, ask later.
            state = .up(since: since, quietSince: now)
            return "the dataplane did not answer"
        case .cleaning(let next, _):
            state = .cleaning(next, since: now)
            effects.append(.stop)
            return "still not clean"
        case .holdoff:
            state = .idle
            return "hold-off over"
        case .idle, .locked:
            preconditionFailure("\(state.name) has no deadline")
        }
    }

    /// Nothing stands in the way of a try any more.
    ///
    /// - Parameter keepsLock: only the wait for better times is over; what a person must look at
    ///   stays locked.
    private mutating func released(
        _ reason: String, keepsLock: Bool = false, _ effects: inout [Action]
    ) -> String {
        switch state {
        case .locked where keepsLock, .cleaning(.locked, _) where keepsLock:
            return reason
        case .locked:
            effects.append(.clearLock)
            state = .idle
        case .cleaning(.locked, let since):
            effects.append(.clearLock)
            state = .cleaning(.idle, since: since)
        case .holdoff:
            state = .idle
        case .cleaning(.holdoff, let since):
            state = .cleaning(.idle, since: since)
        case .idle, .dialling, .up, .draining, .cleaning(.idle, _), .cleaning(.dial, _):
            return reason
        }
        failures = 0
        return reason
    }

    /// Whoever still wants the tunnel gets a new one on the new way, at once and as the first try.
    private mutating func pathLost(
        _ reason: String, _ now: Instant, _ effects: inout [Action]
    ) -> String {
        switch state {
        case .dialling:
            failures = 0
            stop(then: .dial, now, &effects)
        case .up, .draining:
            failures = 0
            stop(then: .idle, now, &effects)
        case .idle, .cleaning, .holdoff, .locked:
            break
        }
        return reason
    }

    /// What would be dead after the sleep ends while its gateway can be told; whoever still wants it
    /// then asks again.
    private mutating func hostSleeps(_ now: Instant, _ effects: inout [Action]) -> String {
        switch state {
        case .dialling, .up, .draining:
            stop(then: .idle, now, &effects)
        case .cleaning(.dial, let since):
            state = .cleaning(.idle, since: since)
        case .idle, .cleaning, .holdoff, .locked:
            break
        }
        return "the host goes to sleep"
    }

    private mutating func adopted(_ now: Instant, _ effects: inout [Action]) -> String {
        switch state {
        case .idle where heldDown:
            stop(then: .idle, now, &effects)
        case .idle, .holdoff, .locked:
            // A lock stays for the next dial: the tunnel may be older than what was refused.
            state = .up(since: now, quietSince: now)
        case .dialling, .up, .draining, .cleaning:
            break  // Adoption comes first in a life of ours; anything else has overtaken it.
        }
        return "adopted"
    }

    // MARK: - Steps that several events share

    private mutating func dial(_ effects: inout [Action], _ now: Instant) {
        let attempt = failures + 1
        promptMs = 0
        state = .dialling(attempt: attempt, since: now)
        effects.append(.start(attempt: attempt))
    }

    private mutating func stop(then next: After, _ now: Instant, _ effects: inout [Action]) {
        state = .cleaning(next, since: now)
        effects.append(.stop)
    }

    private mutating func afterFailure(
        _ failure: Failure, _ now: Instant, _ jitter: Double, _ effects: inout [Action]
    ) -> After {
        if failure.locks {
            effects.append(.persistLock(failure))
            return .locked(failure)
        }
        failures += 1
        var delayMs = timing.backoff.delayMs(failures: failures, jitter: jitter)
        if failure.kind == .declined { delayMs = max(delayMs, timing.declinedMs) }
        return .holdoff(until: now + delayMs, failure)
    }

    private mutating func setHeldDown(_ value: Bool, _ effects: inout [Action]) {
        guard heldDown != value else { return }
        heldDown = value
        effects.append(.persistHeldDown(value))
    }

    /// When the present state must be looked at again, if only time can end it.
    private var deadline: Instant? {
        switch state {
        case .idle, .locked:
            nil
        case .dialling(_, let since):
            since + promptMs + timing.dialMs
        case .up(_, let quietSince):
            if let quietSince, let idleMs = timing.idleMs { quietSince + idleMs } else { nil }
        case .draining(_, let since):
            since + timing.drainMs
        case .cleaning(_, let since):
            since + timing.cleanMs
        case .holdoff(let until, _):
            until
        }
    }
}
