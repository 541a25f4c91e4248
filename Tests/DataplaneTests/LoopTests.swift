import Protocol
import Testing

@testable import dataplane

@Suite("Timers, tokens and limits")
struct LoopTests {
    @Test("Deadlines expire in their tick, never early, each once")
    func wheel() {
        var wheel = TimerWheel(slots: 100, now: 0)
        let deadlines: [UInt32: UInt64] = [
            1: 10_000, 2: 100_000, 3: 17_000_000, 4: 40_000_000, 5: 100_000,
        ]
        for (slot, at) in deadlines { wheel.arm(slot, at: at) }
        wheel.disarm(5)
        var expired: [UInt32: UInt64] = [:]
        var now: UInt64 = 0
        while now < 50_000_000 {
            now += 5_000
            while true {
                let slot = wheel.expired(at: now)
                if slot == 0 { break }
                #expect(expired[slot] == nil)
                expired[slot] = now
            }
        }
        #expect(expired.keys.sorted() == [1, 2, 3, 4])
        for (slot, at) in expired {
            let wanted = deadlines[slot] ?? 0
            #expect(at >= wanted && at <= wanted + 2 * TimerWheel.tickMicroseconds + 5_000)
        }
        #expect(wheel.armed == 0)
    }

    @Test("Agrees with a plain list over random operations, also across long silences")
    func wheelRandom() {
        var generator = Random(state: 7)
        var wheel = TimerWheel(slots: 65, now: 1_000_000)
        var model: [UInt32: UInt64] = [:]
        var now: UInt64 = 1_000_000
        for _ in 0..<20_000 {
            let slot = UInt32(generator.next() % 64) + 1
            switch generator.next() % 4 {
            case 0:
                wheel.disarm(slot)
                model[slot] = nil
            case 1:
                now += generator.next() % (generator.next() % 50 == 0 ? 90_000_000 : 200_000)
                while true {
                    let expired = wheel.expired(at: now)
                    if expired == 0 { break }
                    #expect((model[expired] ?? .max) <= now)
                    model[expired] = nil
                }
                #expect(model.values.allSatisfy { $0 + 2 * TimerWheel.tickMicroseconds > now })
            default:
                let at = now + generator.next() % 40_000_000
                wheel.arm(slot, at: at)
                model[slot] = at
            }
            #expect(wheel.armed == model.count)
        }
    }

    @Test("Tokens survive packing and know their generation")
    func tokens() {
        let token = Token(.upstream, slot: 0xdead_beef, generation: 0x1234_5678)
        let again = Token(packed: token.packed)
        #expect(again.kind == .upstream && again.slot == 0xdead_beef)
        #expect(again.isCurrent(0x1234_5678))
        #expect(!again.isCurrent(0x1234_5679))
        #expect(Token(packed: 0xff << 56).kind == .none)
    }

    @Test("A rate limit lets a burst pass, then its rate")
    func rate() {
        var limit = RateLimit(perSecond: 100, now: 0)
        var passed = 0
        for _ in 0..<500 where limit.allows(at: 0) { passed += 1 }
        #expect(passed == 100)
        for step in 1...1_000 where limit.allows(at: UInt64(step) * 1_000) { passed += 1 }
        #expect(passed == 200)
    }

    @Test(
        "Limits leave descriptors for everything", arguments: [256, 1_024, 20_000, 1_048_576],
        [1, 2, 3, 16])
    func sizing(descriptors: Int, workers: Int) {
        let sizing = Sizing(descriptors: descriptors, workers: workers)
        let reserved = Sizing.reserved + Sizing.reservedPerWorker * (workers - 1)
        let most = sizing.connections * 2 + sizing.pipes * workers * 2 + reserved
        // So few are not enough for so many workers.
        #expect(most <= descriptors || descriptors == 256 && workers == 16)
        #expect(sizing.connections >= 16)
        #expect(Int(sizing.openingsPerSource) < sizing.openings)
        #expect(sizing.engagedPerSource > 0 && sizing.engagedPerNetwork > 0)
        #expect(sizing.heldPerSource <= sizing.heldPerNetwork)
        #expect(Int(sizing.heldPerNetwork) <= sizing.heldPackets)
        let alone = Sizing(descriptors: descriptors)
        #expect(sizing.pipes * workers <= alone.pipes)
        #expect(sizing.largePipes * workers <= alone.largePipes)
        #expect(sizing.heldPackets * workers <= alone.heldPackets)
    }
}
