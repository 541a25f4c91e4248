import Testing

@testable import controlplane

/// Drives a machine through a story and keeps what it asked for.
private struct Story {
    var machine: TunnelMachine
    var now: TunnelMachine.Instant = 1_000_000
    var actions: [TunnelMachine.Action] = []

    init(idleMs: Int64? = 60_000, lock: Failure? = nil, heldDown: Bool = false) {
        machine = TunnelMachine(
            timing: TunnelMachine.Timing(idleMs: idleMs), lock: lock, heldDown: heldDown)
    }

    @discardableResult
    mutating func on(
        _ event: TunnelMachine.Event, after ms: Int64 = 0, jitter: Double = 1
    ) -> [TunnelMachine.Action] {
        now += ms
        actions = machine.on(event, now: now, jitter: jitter)
        return actions
    }

    /// Lets the armed deadline come.
    mutating func deadline() throws {
        let armed = try #require(machine.armed)
        now = max(now, armed)
        on(.deadline)
    }

    static func up(idleMs: Int64? = 60_000) -> Story {
        var story = Story(idleMs: idleMs)
        story.on(demand)
        story.on(.ready, after: 400)
        return story
    }

    static func draining() throws -> Story {
        var story = Story.up()
        try story.deadline()
        return story
    }
}

private let demand = TunnelMachine.Event.demand(.init("tcp 192.0.2.1:40000 → 10.1.2.3:80"))
private let rejected = Failure(.authentication, "the gateway refused the key")
private let silent = Failure(.unreachable, "no answer")

@Suite("the tunnel's state machine")
struct TunnelMachineTests {
    @Test("one demand dials, and says so first")
    func demandDials() {
        var story = Story()
        story.on(demand)
        #expect(
            story.actions == [
                .publish(.dialling), .start(attempt: 1), .arm(story.now + 30_000),
                .log(
                    .init(
                        source: "idle", target: "dialling",
                        reason: "demand: tcp 192.0.2.1:40000 → 10.1.2.3:80")),
            ])
    }

    @Test("a hundred demands are one dial")
    func demandsJoin() {
        var story = Story()
        story.on(demand)
        for _ in 0..<100 { #expect(story.on(demand) == []) }
    }

    @Test("ready publishes up and starts the idle clock")
    func readyIsUp() {
        var story = Story()
        story.on(demand)
        story.on(.ready, after: 400)
        #expect(story.actions.contains(.publish(.up)))
        #expect(story.actions.contains(.arm(story.now + 60_000)))
    }

    @Test("connections stop the idle clock, their end restarts it in full")
    func activityMovesTheIdleClock() {
        var story = Story.up()
        #expect(story.on(.activity(open: 1, opening: 0, parked: 0)) == [.disarm])
        story.on(.activity(open: 0, opening: 1, parked: 0), after: 500_000)
        #expect(story.machine.armed == nil)
        story.on(.activity(open: 0, opening: 0, parked: 0), after: 1)
        #expect(story.actions == [.arm(story.now + 60_000)])
        // A second count of nothing is not use.
        #expect(story.on(.activity(open: 0, opening: 0, parked: 0), after: 10) == [])
    }

    @Test("a dial that asks a person takes as much longer, and the next one does not")
    func asks() throws {
        var story = Story()
        story.on(demand)
        let begun = story.now
        let dialMs = try #require(story.machine.armed) - begun
        story.on(.asks(120_000))
        #expect(story.machine.armed == begun + 120_000 + dialMs)
        try story.deadline()
        #expect(story.machine.state.name == "cleaning")
        story.on(.cleaned)
        try story.deadline()
        story.on(demand)
        #expect(story.machine.armed == story.now + dialMs)
    }

    @Test("idle: ask the dataplane, stop, clean, and only then idle")
    func idleClose() throws {
        var story = Story.up()
        try story.deadline()
        #expect(story.actions.first == .requestDrain(token: 1))
        #expect(story.machine.dataState == .up)
        story.on(.drained(token: 1, open: 0))
        #expect(story.actions.prefix(2) == [.publish(.idle), .stop])
        #expect(story.machine.state.name == "cleaning")
        story.on(.ended(nil))
        #expect(story.machine.state.name == "cleaning")
        story.on(.cleaned)
        #expect(story.machine.state == .idle)
        #expect(story.actions.first == .disarm)
    }

    @Test("packets in the tunnel's device move the idle clock, older ones do not")
    func packetsMoveTheIdleClock() {
        var story = Story.up()
        let quietSince = story.now
        #expect(
            story.on(.used(at: quietSince + 20_000), after: 30_000) == [.arm(quietSince + 80_000)])
        #expect(story.on(.used(at: quietSince + 20_000), after: 1_000) == [])
        #expect(story.on(.used(at: quietSince), after: 1_000) == [])
    }

    @Test("packets that came before the drain keep the tunnel, stale ones do not")
    func packetsEndADrain() throws {
        var story = Story.up()
        let quietSince = story.now
        try story.deadline()
        story.on(.used(at: quietSince))
        #expect(story.machine.state.isDraining)
        story.on(.used(at: story.now - 5))
        #expect(story.machine.state.isUp)
        #expect(story.actions.first == .publish(.up))
        #expect(story.actions.contains(.arm(story.now - 5 + 60_000)))
    }

    @Test("a host that moved dials anew for whoever waits, as a first try")
    func pathLostWhileDialling() {
        var story = Story()
        story.on(demand)
        story.on(.pathLost("moved"))
        #expect(story.actions.contains(.stop))
        story.on(.cleaned)
        #expect(story.actions.contains(.start(attempt: 1)))
    }

    @Test("a tunnel whose way is gone ends, and the next demand dials")
    func pathLostWhileUp() {
        var story = Story.up()
        story.on(.pathLost("moved"))
        #expect(story.actions.prefix(2) == [.publish(.idle), .stop])
        story.on(.cleaned)
        story.on(demand)
        #expect(story.actions.contains(.start(attempt: 1)))
    }

    @Test("before the host sleeps a tunnel ends in whatever phase, and nothing dials by itself")
    func hostSleeps() {
        for phase in ["dialling", "up", "redialling"] {
            var story = phase == "dialling" ? Story() : Story.up()
            story.on(demand)
            if phase == "redialling" {
                story.on(.pathLost("moved"))
                story.on(demand)
            }
            story.on(.hostSleeps)
            #expect(story.actions.contains(.stop) || phase == "redialling")
            #expect(story.machine.state.isCleaning)
            story.on(.cleaned)
            #expect(story.machine.state == .idle, "\(phase)")
        }
    }

    @Test("another network ends the hold-off, and its count of failures")
    func networkChanged() {
        var story = Story()
        story.on(demand)
        story.on(.failed(silent))
        story.on(.cleaned)
        #expect(story.machine.state.name == "holdoff")
        story.on(.networkChanged)
        #expect(story.machine.state == .idle)
        story.on(demand)
        #expect(story.actions.contains(.start(attempt: 1)))
    }

    @Test("another network lifts no lock")
    func networkChangedWhileLocked() {
        var story = Story()
        story.on(demand)
        story.on(.failed(rejected))
        #expect(story.on(.networkChanged) == [])
        story.on(.cleaned)
        #expect(story.on(.networkChanged) == [])
        #expect(story.machine.state.name == "locked")
    }

    @Test("idle is never without a limit of its own")
    func idleNever() {
        let story = Story.up(idleMs: nil)
        #expect(story.machine.armed == nil)
        #expect(story.machine.state.isUp)
    }

    @Test("a connection that crossed the question keeps the tunnel, and unparks")
    func drainedInUse() throws {
        var story = try Story.draining()
        story.on(.drained(token: 1, open: 2))
        #expect(story.actions.prefix(2) == [.publish(.up), .disarm])
        #expect(story.machine.state.isUp)
    }

    @Test("the answer to an older question does not stop the tunnel")
    func drainedLate() throws {
        var story = try Story.draining()
        story.on(demand)
        try story.deadline()
        #expect(story.actions.first == .requestDrain(token: 2))
        #expect(story.on(.drained(token: 1, open: 0)) == [])
        #expect(story.machine.state.isDraining)
    }

    @Test("a demand while draining keeps the tunnel that stands")
    func demandWhileDraining() throws {
        var story = try Story.draining()
        story.on(demand)
        #expect(story.actions.first == .publish(.up))
        #expect(story.machine.state.isUp)
    }

    @Test("a silent dataplane keeps the tunnel")
    func drainUnanswered() throws {
        var story = try Story.draining()
        try story.deadline()
        #expect(story.machine.state.isUp)
        #expect(story.actions.contains(.arm(story.now + 60_000)))
    }

    @Test("a demand while cleaning dials after it, not before")
    func demandWhileCleaning() throws {
        var story = try Story.draining()
        story.on(.drained(token: 1, open: 0))
        story.on(demand)
        #expect(story.actions == [.publish(.dialling)])
        story.on(.cleaned)
        #expect(story.actions.contains(.start(attempt: 1)))
    }

    @Test("a stop that nobody answers is asked for again")
    func stopIsRepeated() throws {
        var story = Story.up()
        story.on(.operatorDown)
        try story.deadline()
        #expect(story.actions.contains(.stop))
        #expect(story.machine.armed == story.now + 20_000)
    }

    @Test("failures hold off 1, 2, 4 … 300 s; then a demand dials again")
    func holdoffGrows() throws {
        var story = Story()
        for (attempt, seconds) in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].enumerated() {
            story.on(demand)
            #expect(story.actions.contains(.start(attempt: attempt + 1)))
            story.on(.failed(silent))
            #expect(story.actions.prefix(2) == [.publish(.refusing(.unreachable)), .stop])
            let failedAt = story.now
            story.on(.cleaned, after: 10)
            #expect(
                story.machine.state == .holdoff(until: failedAt + Int64(seconds) * 1_000, silent))
            #expect(story.on(demand) == [])
            try story.deadline()
            #expect(story.actions.first == .publish(.idle))
            #expect(story.machine.armed == nil)
        }
    }

    @Test("who has refused a secret is left alone for a minute, unless a person wants it")
    func declined() {
        var story = Story()
        let failure = Failure(.declined, "a person refused")
        story.on(demand)
        story.on(.failed(failure))
        let failedAt = story.now
        story.on(.cleaned, after: 10)
        #expect(story.machine.state == .holdoff(until: failedAt + 60_000, failure))
        story.on(.operatorUp)
        #expect(story.machine.state.isDialling)
    }

    @Test("the jitter takes a quarter at most")
    func holdoffJitter() {
        let backoff = Backoff()
        #expect(backoff.delayMs(failures: 1, jitter: 0) == 750)
        #expect(backoff.delayMs(failures: 1, jitter: 0.5) == 875)
        #expect(backoff.delayMs(failures: 1_000_000, jitter: 1) == 300_000)
        #expect(backoff.delayMs(failures: 3, jitter: -7) == 3_000)
    }

    @Test("a dial that takes too long is ended and counts as a failure")
    func dialTimesOut() throws {
        var story = Story()
        story.on(demand)
        try story.deadline()
        #expect(story.actions.contains(.stop))
        #expect(story.machine.state.failure?.kind == .timedOut)
        // The dial that we gave up on has no say any more.
        story.on(.ready)
        #expect(story.machine.state.name == "cleaning")
    }

    @Test("rejected credentials lock, and stay locked against demand, up and time")
    func locks() {
        var story = Story()
        story.on(demand)
        story.on(.failed(rejected))
        #expect(story.actions.contains(.persistLock(rejected)))
        story.on(.cleaned)
        #expect(story.machine.state == .locked(rejected))
        #expect(story.machine.armed == nil)
        for event in [demand, .operatorUp, .deadline, .ready, .cleaned] {
            story.on(event, after: 1_000_000)
            #expect(!story.actions.contains { if case .start = $0 { true } else { false } })
        }
        #expect(story.machine.state == .locked(rejected))
    }

    @Test(
        "which failures lock", arguments: Failure.Kind.allCases)
    func lockingKinds(kind: Failure.Kind) {
        let locking: Set<Failure.Kind> = [.authentication, .hostKeyChanged, .hostKeyUnknown]
        var story = Story()
        story.on(demand)
        story.on(.failed(Failure(kind, "x")))
        story.on(.cleaned)
        #expect(story.machine.state.name == (locking.contains(kind) ? "locked" : "holdoff"))
    }

    @Test("a remembered lock refuses from the first moment")
    func lockPersists() {
        var story = Story(lock: rejected)
        #expect(story.machine.dataState == .refusing(.unreachable))
        #expect(story.on(demand) == [.publish(.refusing(.unreachable))])
    }

    @Test(
        "another secret or a person lifts the lock",
        arguments: [TunnelMachine.Event.unlock, .credentialChanged])
    func unlocks(event: TunnelMachine.Event) {
        var story = Story(lock: rejected)
        story.on(event)
        #expect(story.actions.prefix(2) == [.publish(.idle), .clearLock])
        story.on(demand)
        #expect(story.actions.contains(.start(attempt: 1)))
    }

    @Test("after a person's down no packet dials; up does, and is remembered")
    func heldDown() {
        var story = Story.up()
        story.on(.operatorDown)
        #expect(
            story.actions.prefix(3) == [
                .publish(.refusing(.unreachable)), .persistHeldDown(true), .stop,
            ])
        #expect(story.on(demand) == [])
        story.on(.cleaned)
        #expect(story.machine.state == .idle)
        #expect(story.machine.dataState == .refusing(.unreachable))
        #expect(story.on(demand) == [])
        story.on(.operatorUp)
        #expect(
            story.actions.prefix(3) == [
                .publish(.dialling), .persistHeldDown(false), .start(attempt: 1),
            ])
    }

    @Test("a remembered down refuses from the first moment")
    func heldDownPersists() {
        var story = Story(heldDown: true)
        #expect(story.on(demand) == [.publish(.refusing(.unreachable))])
        story.on(.adopted)
        #expect(story.actions.contains(.stop))
    }

    @Test("up cuts a hold-off short")
    func upDuringHoldoff() {
        var story = Story()
        story.on(demand)
        story.on(.failed(silent))
        story.on(.cleaned)
        story.on(.operatorUp)
        #expect(story.actions.contains(.start(attempt: 2)))
    }

    @Test("an end after more than a minute needs no hold-off")
    func endAfterLong() {
        var story = Story.up()
        story.on(.activity(open: 3, opening: 0, parked: 0))
        story.on(.ended(silent), after: 60_000)
        #expect(story.actions.prefix(2) == [.publish(.idle), .stop])
        story.on(demand)
        story.on(.cleaned)
        #expect(story.actions.contains(.start(attempt: 1)))
    }

    @Test("an end after a short time does, and the row of failures goes on")
    func endAfterShort() throws {
        var story = Story()
        for seconds in [1, 2, 4] as [Int64] {
            story.on(demand)
            story.on(.ready)
            story.on(.ended(silent), after: 5_000)
            let endedAt = story.now
            story.on(.cleaned)
            #expect(story.machine.state == .holdoff(until: endedAt + seconds * 1_000, silent))
            try story.deadline()
        }
    }

    @Test("late word of a stop does not hurt the dial that follows it")
    func lateEnd() throws {
        var story = try Story.draining()
        story.on(.drained(token: 1, open: 0))
        story.on(demand)
        story.on(.cleaned)
        #expect(story.on(.ended(nil)) == [])
        #expect(story.machine.state.name == "dialling")
    }

    @Test("adoption is up without a dial")
    func adopts() {
        var story = Story()
        story.on(.adopted)
        #expect(story.actions.first == .publish(.up))
        #expect(story.machine.state.isUp)
    }

    @Test("adoption keeps the lock for the next dial: the tunnel may be older than the refusal")
    func adoptsLocked() {
        var story = Story(lock: rejected)
        story.on(.adopted)
        #expect(story.machine.state.isUp)
        #expect(!story.actions.contains(.clearLock))
    }

    @Test(
        "a refusal that is heard while the dial is taken down locks",
        arguments: [
            .operatorDown, .pathLost("moved"), .hostSleeps, .failed(silent),
        ] as [TunnelMachine.Event])
    func refusedWhileCleaning(event: TunnelMachine.Event) {
        var story = Story()
        story.on(demand)
        story.on(event)
        #expect(story.machine.state.isCleaning)
        story.on(.failed(rejected))
        #expect(story.actions.contains(.persistLock(rejected)))
        story.on(.failed(rejected))
        #expect(story.actions == [], "locked once is enough")
        story.on(.cleaned)
        #expect(story.machine.state == .locked(rejected))
    }

    @Test("a refusal of an earlier life, or of another network's dial, locks without a dial")
    func refusedElsewhere() {
        var story = Story()
        story.on(.failed(rejected))
        #expect(story.actions.contains(.persistLock(rejected)))
        story.on(.cleaned)
        #expect(story.machine.state == .locked(rejected))
        story.on(demand)
        #expect(story.machine.state == .locked(rejected))
    }

    @Test("late word of a failure that does not lock changes nothing")
    func lateFailure() {
        var story = Story()
        story.on(.failed(silent))
        #expect(story.machine.state == .idle)
    }

    @Test("an early deadline is armed again")
    func earlyDeadline() {
        var story = Story()
        story.on(demand)
        let armed = story.now + 30_000
        #expect(story.on(.deadline, after: 10) == [.arm(armed)])
    }
}
