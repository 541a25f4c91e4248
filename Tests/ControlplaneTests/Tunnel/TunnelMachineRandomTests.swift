import Testing

@testable import controlplane

/// SplitMix64: the same story for the same seed, on every machine.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// A world that obeys the actions and otherwise does what it likes: what the machine promises must
/// hold in it, whatever the order of events.
private struct World {
    var machine: TunnelMachine
    var random: SplitMix
    var now: TunnelMachine.Instant = 0
    /// A back end was started and not yet stopped and cleaned away.
    var running = false
    var stopping = false
    var armed: TunnelMachine.Instant?
    var lock: Failure?
    var held = false
    var shown: TunnelMachine.DataState?
    var token: UInt64 = 0
    var starts = 0

    init(seed: UInt64) {
        random = SplitMix(state: seed)
        machine = TunnelMachine(timing: TunnelMachine.Timing(idleMs: 5_000))
    }

    mutating func feed(_ event: TunnelMachine.Event) {
        let before = machine.state
        let actions = machine.on(event, now: now, jitter: Double.random(in: 0...1, using: &random))
        for action in actions {
            switch action {
            case .start:
                #expect(!running, "a second start after \(event) in \(before)")
                #expect(lock == nil, "a start of a locked tunnel after \(event)")
                #expect(!held, "a start of a tunnel that a person took down, after \(event)")
                running = true
                starts += 1
            case .stop:
                stopping = true
            case .requestDrain(let token):
                #expect(token > self.token)
                self.token = token
            case .arm(let instant):
                armed = instant
            case .disarm:
                armed = nil
            case .persistLock(let failure):
                lock = failure
            case .clearLock:
                lock = nil
            case .persistHeldDown(let value):
                held = value
            case .publish(let state):
                shown = state
            case .log(let transition):
                #expect(transition.source != transition.target)
            }
        }
        check(after: event)
    }

    func check(after event: TunnelMachine.Event) {
        #expect(armed == machine.armed)
        #expect(shown == machine.dataState)
        #expect(held == machine.heldDown)
        switch machine.state {
        case .dialling, .draining, .cleaning, .holdoff:
            #expect(armed != nil, "\(machine.state) has no way out after \(event)")
        case .up(_, let quietSince):
            #expect((armed != nil) == (quietSince != nil))
        case .idle, .locked:
            #expect(armed == nil)
            #expect(!running, "\(machine.state) with a back end running after \(event)")
        }
        if case .locked(let failure) = machine.state { #expect(lock == failure) }
        if held { #expect(shown == .refusing(.unreachable)) }
    }

    mutating func step() {
        now += Int64.random(in: 0...3_000, using: &random)
        // Time is not kept back: a deadline comes, a little late, before anything else.
        if let due = armed, now >= due, Bool.random(using: &random) {
            armed = nil
            feed(.deadline)
        }
        let kind = Failure.Kind.allCases.randomElement(using: &random) ?? .unknown
        switch Int.random(in: 0..<22, using: &random) {
        case 0...2: feed(.demand(.init("packet")))
        case 3: feed(.operatorUp)
        case 4 where Int.random(in: 0..<4, using: &random) == 0: feed(.operatorDown)
        case 5, 6: feed(.ready)
        case 7: feed(.failed(Failure(kind, "failed")))
        case 8: feed(.ended(Bool.random(using: &random) ? nil : Failure(kind, "ended")))
        case 9, 10:
            let open = Bool.random(using: &random) ? 0 : 3
            feed(.activity(open: open, opening: 0, parked: 0))
        case 11:
            feed(.drained(token: token, open: Int.random(in: 0...1, using: &random)))
        case 12: feed(.drained(token: token &- 1, open: 0))
        case 13, 14:
            guard stopping else { return }
            stopping = false
            running = false
            feed(.cleaned)
        case 15: feed(Bool.random(using: &random) ? .unlock : .credentialChanged)
        case 16:
            armed = nil
            feed(.deadline)
        case 17: feed(.used(at: now - Int64.random(in: 0...8_000, using: &random)))
        case 18: feed(.pathLost("moved"))
        case 19: feed(.networkChanged)
        case 20: feed(.hostSleeps)
        default: break
        }
    }
}

@Suite("the tunnel's state machine, driven at random")
struct TunnelMachineRandomTests {
    @Test("no order of events dials twice, dials a locked tunnel or gets stuck", arguments: 1...40)
    func invariants(seed: UInt64) {
        var world = World(seed: seed)
        for _ in 0..<2_000 { world.step() }
        #expect(world.starts > 20, "the story is no test when it hardly ever dials")
    }

    @Test("left alone with an obedient world, every tunnel comes to rest", arguments: 1...40)
    func liveness(seed: UInt64) {
        var world = World(seed: seed)
        for _ in 0..<Int(seed * 7) { world.step() }
        // From here on: deadlines come, stops are answered, nobody uses it.
        world.feed(.activity(open: 0, opening: 0, parked: 0))
        for _ in 0..<20 {
            if world.stopping {
                world.stopping = false
                world.running = false
                world.feed(.cleaned)
            } else if case .draining = world.machine.state {
                world.feed(.drained(token: world.token, open: 0))
            } else if let due = world.armed {
                world.now = max(world.now, due)
                world.armed = nil
                world.feed(.deadline)
            }
        }
        let name = world.machine.state.name
        #expect(name == "idle" || name == "locked", "stuck in \(world.machine.state)")
    }
}
