import Testing

@testable import controlplane

private let gone = Failure(.lost, "gone")
private let rejected = Failure(.authentication, "no")

@Suite("how many masters a tunnel has")
struct FleetPlanTests {
    private func up(masters: Int = 1, idleMs: Int64? = 60_000) -> FleetPlan {
        var plan = FleetPlan(capacity: 900, mastersMax: 4, idleMs: idleMs)
        _ = plan.start()
        _ = plan.started(1)
        if masters > 1 {
            _ = plan.needCapacity(queued: 900 * (masters - 1), now: 0)
            for id in 2...UInt32(masters) { _ = plan.started(id) }
        }
        return plan
    }

    @Test("the first one makes the tunnel")
    func first() {
        var plan = FleetPlan(capacity: 900, mastersMax: 4, idleMs: nil)
        #expect(plan.start() == [.start(id: 1)])
        #expect(plan.start() == [])
        #expect(plan.started(1) == [.announce(id: 1), .ready])
        #expect(plan.isUp)
    }

    @Test("and its failure is the dial's")
    func firstFails() {
        var plan = FleetPlan(capacity: 900, mastersMax: 4, idleMs: nil)
        _ = plan.start()
        #expect(plan.ended(1, rejected, now: 0, jitter: 0) == [.failed(rejected)])
        #expect(plan.start() == [.start(id: 2)])
    }

    @Test("5,000 connections: as many as the cap needs, in one step")
    func capacity() {
        var plan = FleetPlan(capacity: 900, mastersMax: 16, idleMs: nil)
        _ = plan.start()
        _ = plan.started(1)
        #expect(plan.needCapacity(queued: 4_100, now: 0) == (2...6).map { .start(id: $0) })
        // Those that are starting will have room: asking again changes nothing.
        #expect(plan.needCapacity(queued: 4_100, now: 0) == [])
        #expect(plan.started(4) == [.announce(id: 4)])
    }

    @Test("a limit is said once")
    func full() {
        var plan = up()
        let actions = plan.needCapacity(queued: 9_000, now: 0)
        #expect(actions.prefix(3) == [.start(id: 2), .start(id: 3), .start(id: 4)])
        #expect(actions.last == .note("all 4 ssh masters are full; 9000 connections wait"))
        #expect(plan.needCapacity(queued: 9_000, now: 0) == [])
    }

    @Test("the first one's death leaves the tunnel up while another lives")
    func firstDies() {
        var plan = up(masters: 2)
        let actions = plan.ended(1, gone, now: 0, jitter: 0)
        #expect(actions == [.withdraw(id: 1), .note("one of 2 ssh masters is gone: gone")])
        #expect(plan.isUp)
        #expect(plan.ended(2, gone, now: 0, jitter: 0) == [.withdraw(id: 2), .ended(gone)])
        #expect(!plan.isUp)
    }

    @Test("a further one that fails is not tried again at once, nor ever with bad credentials")
    func furtherFails() {
        var plan = up()
        _ = plan.needCapacity(queued: 10, now: 0)
        _ = plan.ended(2, gone, now: 0, jitter: 1)
        #expect(plan.needCapacity(queued: 10, now: 999) == [])
        #expect(plan.needCapacity(queued: 10, now: 1_000) == [.start(id: 3)])
        _ = plan.ended(3, rejected, now: 1_000, jitter: 1)
        #expect(plan.needCapacity(queued: 10, now: .max - 1) == [])
        #expect(plan.isUp)
    }

    @Test("empty for the idle time: withdrawn, looked at once more, ended; the lowest stays")
    func retires() {
        var plan = up(masters: 3)
        #expect(plan.occupied([1: 0, 2: 0, 3: 5], now: 0) == [])
        #expect(plan.occupied([1: 0, 2: 0, 3: 5], now: 59_999) == [])
        #expect(plan.occupied([1: 0, 2: 0, 3: 0], now: 60_000) == [.withdraw(id: 2)])
        // One that slipped in before the dataplane heard of it ends by itself.
        #expect(plan.occupied([1: 0, 2: 1, 3: 0], now: 62_000) == [])
        #expect(plan.occupied([1: 0, 2: 0, 3: 0], now: 64_000) == [.stop(id: 2)])
        #expect(plan.slots.map(\.id) == [1, 3])
    }

    @Test("use in between starts the idle time anew")
    func useRestarts() {
        var plan = up(masters: 2)
        _ = plan.occupied([1: 0, 2: 0], now: 0)
        _ = plan.occupied([1: 0, 2: 1], now: 30_000)
        _ = plan.occupied([1: 0, 2: 0], now: 32_000)
        #expect(plan.occupied([1: 0, 2: 0], now: 61_000) == [])
        #expect(plan.occupied([1: 0, 2: 0], now: 92_000) == [.withdraw(id: 2)])
    }

    @Test("never idle: nothing is withdrawn")
    func neverIdle() {
        var plan = up(masters: 2, idleMs: nil)
        _ = plan.occupied([1: 0, 2: 0], now: 0)
        #expect(plan.occupied([1: 0, 2: 0], now: .max) == [])
    }

    @Test("one on its way out is called back before a new one is started")
    func calledBack() {
        var plan = up(masters: 2)
        _ = plan.occupied([1: 0, 2: 0], now: 0)
        _ = plan.occupied([1: 900, 2: 0], now: 60_000)
        #expect(plan.slots[1].phase == .retiring)
        #expect(plan.needCapacity(queued: 5, now: 60_001) == [.announce(id: 2)])
    }

    @Test("one on its way out is called back when the last other dies")
    func calledBackByDeath() {
        var plan = up(masters: 2)
        _ = plan.occupied([1: 0, 2: 0], now: 0)
        _ = plan.occupied([1: 0, 2: 0], now: 60_000)
        #expect(plan.ended(1, gone, now: 0, jitter: 0).contains(.announce(id: 2)))
        #expect(plan.isUp)
    }

    @Test("stop withdraws before it ends, and late news are nothing")
    func stop() {
        var plan = up(masters: 2)
        #expect(
            plan.stop() == [.withdraw(id: 1), .withdraw(id: 2), .stop(id: 1), .stop(id: 2)])
        #expect(plan.started(2) == [])
        #expect(plan.ended(1, gone, now: 0, jitter: 0) == [])
        #expect(plan.needCapacity(queued: 3, now: 0) == [])
        #expect(plan.start() == [.start(id: 3)])
    }

    @Test("adopted ones keep their numbers, and new ones get others")
    func adopt() {
        var plan = FleetPlan(capacity: 900, mastersMax: 4, idleMs: nil)
        plan.reserve(through: 9)
        #expect(plan.adopt(id: 7) == [.announce(id: 7)])
        #expect(plan.isUp)
        #expect(plan.needCapacity(queued: 1, now: 0) == [.start(id: 10)])
    }

    // MARK: - A master for each connection

    private func single() -> FleetPlan {
        var plan = FleetPlan(capacity: 1, mastersMax: 3, idleMs: nil, isSingleUse: true)
        _ = plan.start()
        _ = plan.started(1)
        return plan
    }

    @Test("one that is in use is nobody else's, and goes when it is empty, the first one too")
    func singleUse() {
        var plan = single()
        #expect(plan.occupied([1: 0], now: 0) == [])
        #expect(plan.occupied([1: 1], now: 10) == [.withdraw(id: 1)])
        #expect(plan.occupied([1: 1], now: 20) == [])
        #expect(plan.occupied([1: 0], now: 30) == [.stop(id: 1)])
        #expect(plan.isUp && plan.slots.isEmpty)
        #expect(plan.needCapacity(queued: 2, now: 40) == [.start(id: 2), .start(id: 3)])
        #expect(plan.started(2) == [.announce(id: 2)])
    }

    @Test("one in use is not taken back for another connection")
    func singleUseIsNotShared() {
        var plan = single()
        _ = plan.occupied([1: 1], now: 0)
        #expect(plan.needCapacity(queued: 1, now: 0) == [.start(id: 2)])
        #expect(
            plan.needCapacity(queued: 5, now: 0)
                == [.start(id: 3), .note("all 3 ssh sessions are in use; 5 connections wait")])
    }

    @Test("it is started for the worker that asks, and not for another one")
    func singleUseWorkers() {
        var plan = single()
        _ = plan.occupied([1: 1], now: 0)
        // Worker 1 of 2 has one connection waiting, and says two.
        let second = WorkerPart(index: 1, count: 2)
        #expect(plan.needCapacity(queued: 2, now: 0, by: second) == [.start(id: 3)])
        #expect(plan.needCapacity(queued: 2, now: 0, by: second) == [])
        let first = WorkerPart(index: 0, count: 2)
        #expect(plan.needCapacity(queued: 2, now: 0, by: first) == [.start(id: 4)])
    }

    @Test("one that nobody came for goes, too")
    func singleUseUnused() {
        var plan = single()
        #expect(plan.occupied([1: 0], now: 0) == [])
        #expect(plan.occupied([1: 0], now: FleetPlan.unusedMs) == [.withdraw(id: 1)])
        #expect(plan.occupied([1: 0], now: FleetPlan.unusedMs + 1) == [.stop(id: 1)])
    }

    @Test("a refused dial ends a tunnel that has no other, and locks it so")
    func singleUseRefused() {
        var plan = single()
        _ = plan.occupied([1: 1], now: 0)
        _ = plan.occupied([1: 0], now: 1)
        _ = plan.needCapacity(queued: 1, now: 2)
        #expect(plan.ended(2, rejected, now: 3, jitter: 0) == [.ended(rejected)])
    }

    // MARK: - A gateway with fewer sessions

    @Test("a master that is full before its time takes fewer, and another one is started")
    func fewerSessions() {
        var plan = FleetPlan(capacity: 10, mastersMax: 4, idleMs: nil)
        _ = plan.start()
        _ = plan.started(1)
        let actions = plan.full(1, sessions: 4, now: 0)
        #expect(actions.suffix(2) == [.announce(id: 1), .start(id: 2)])
        #expect(plan.full(1, sessions: 3, now: 0) == [.announce(id: 1)])
        #expect(plan.capacity(of: 1) == 3 && plan.capacity(of: 2) == 10)
        // The next one of the same burst says nothing new.
        #expect(plan.full(1, sessions: 3, now: 1) == [])
    }

    @Test("a master that took fewer takes more again after a while, if they are needed")
    func recovers() {
        var plan = FleetPlan(capacity: 10, mastersMax: 1, idleMs: nil)
        _ = plan.start()
        _ = plan.started(1)
        _ = plan.full(1, sessions: 0, now: 0)
        #expect(plan.capacity(of: 1) == 1)
        let minute = FleetPlan.limitedMs
        #expect(plan.needCapacity(queued: 20, now: minute - 1) == [])
        for (step, capacity) in [2, 4, 8, 10].enumerated() {
            let now = minute * Int64(step + 1)
            #expect(plan.needCapacity(queued: 20, now: now) == [.announce(id: 1)])
            #expect(plan.needCapacity(queued: 20, now: now + 1) == [])
            #expect(plan.capacity(of: 1) == capacity)
        }
        #expect(plan.needCapacity(queued: 20, now: 10 * minute) == [])
        // Where the gateway has not changed its mind, the next try tells, and nothing is said twice.
        #expect(plan.full(1, sessions: 8, now: 11 * minute) == [.announce(id: 1)])
        #expect(plan.capacity(of: 1) == 8)
    }

    @Test("room that was found again needs no other master")
    func recoversFirst() {
        var plan = FleetPlan(capacity: 10, mastersMax: 4, idleMs: nil)
        _ = plan.start()
        _ = plan.started(1)
        #expect(plan.full(1, sessions: 5, now: 0).last == .start(id: 2))
        _ = plan.started(2)
        let now = FleetPlan.limitedMs
        #expect(plan.needCapacity(queued: 5, now: now) == [.announce(id: 1)])
        #expect(plan.needCapacity(queued: 5, now: now) == [.start(id: 3)])
    }
}
