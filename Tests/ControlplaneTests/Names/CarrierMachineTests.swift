import Synchronization
import Testing

@testable import controlplane

@Suite("Queries over one connection")
struct CarrierMachineTests {
    private static let limits = CarrierMachine.Limits(
        holdMs: 30_000, patienceMs: 4_000, answerMs: 1_500, staggerMs: 1_000, lingerMs: 3_000,
        wantMs: 1_000, queriesMax: 4)

    /// Its ids are 1, 2, 3 and so on.
    private func machine(_ servers: Int, isUp: Bool = true) -> CarrierMachine {
        let last = Atomic<UInt16>(0)
        return CarrierMachine(servers: servers, isUp: isUp, limits: Self.limits) {
            last.wrappingAdd(1, ordering: .relaxed).newValue
        }
    }

    @Test("the first query connects, the others wait for it; then all go, and the end is silence")
    func straight() {
        var machine = machine(1)
        #expect(!machine.isBusy)
        #expect(machine.ask(1, now: 0) == [.connect(1, server: 0)])
        #expect(machine.ask(2, now: 10) == [])
        #expect(
            machine.connected(1, now: 900) == [.send(1, id: 1, 1), .send(2, id: 2, 1)])
        #expect(machine.ask(3, now: 950) == [.send(3, id: 3, 1)])
        #expect(machine.ticket(2, on: 1) == 2)
        #expect(machine.ticket(2, on: 2) == nil && machine.ticket(9, on: 1) == nil)
        for id: UInt16 in [3, 1, 2] { machine.answered(id, now: 1_000) }
        #expect(machine.ticket(2, on: 1) == nil)
        #expect(machine.tick(now: 3_999) == [])
        #expect(machine.tick(now: 4_000) == [.close(1)])
        #expect(!machine.isBusy)
    }

    @Test("more than the limit fail at once")
    func limit() {
        var machine = machine(1)
        for ticket in 1...4 { _ = machine.ask(CarrierMachine.Ticket(ticket), now: 0) }
        #expect(machine.ask(5, now: 0) == [.fail(5)])
        _ = machine.connected(1, now: 0)
        #expect(machine.ask(6, now: 0) == [.fail(6)])
        machine.answered(1, now: 0)
        #expect(machine.ask(7, now: 0) == [.send(7, id: 5, 1)])
    }

    @Test("a server that does not connect has the next one beside it; the first that does, wins")
    func stagger() {
        var machine = machine(3)
        #expect(machine.ask(1, now: 0) == [.connect(1, server: 0)])
        #expect(machine.tick(now: 999) == [])
        #expect(machine.tick(now: 1_000) == [.connect(2, server: 1)])
        // A refusal is not waited for.
        #expect(machine.ended(2, now: 1_100) == [.connect(3, server: 2)])
        #expect(machine.connected(3, now: 1_200) == [.close(1), .send(1, id: 1, 3)])
        // Too late: whoever connects now is not needed.
        #expect(machine.connected(1, now: 1_300) == [.close(1)])
        machine.answered(1, now: 1_400)
        _ = machine.tick(now: 6_000)
        // The one that worked is the first of the next round.
        #expect(machine.ask(2, now: 7_000) == [.connect(4, server: 2)])
    }

    @Test("no server to be connected: all queries fail at once")
    func refused() {
        var machine = machine(2)
        _ = machine.ask(1, now: 0)
        _ = machine.ask(2, now: 0)
        #expect(machine.ended(1, now: 1) == [.connect(2, server: 1)])
        #expect(machine.ended(2, now: 2) == [.fail(1), .fail(2)])
        #expect(!machine.isBusy)
    }

    @Test("a connection that never comes: each query waits its own time, then nobody tries")
    func unreachable() {
        var machine = machine(1)
        _ = machine.ask(1, now: 0)
        _ = machine.ask(2, now: 500)
        #expect(machine.tick(now: 3_999) == [])
        #expect(machine.tick(now: 4_000) == [.fail(1)])
        #expect(machine.tick(now: 4_500) == [.fail(2), .close(1)])
        #expect(!machine.isBusy)
    }

    @Test("servers that say nothing are asked in turn, until a client would ask again")
    func silent() {
        var machine = machine(2)
        _ = machine.ask(1, now: 0)
        _ = machine.connected(1, now: 0)
        _ = machine.ask(2, now: 100)
        #expect(machine.tick(now: 1_499) == [])
        #expect(machine.tick(now: 1_500) == [.close(1), .connect(2, server: 1)])
        #expect(machine.connected(2, now: 1_501) == [.send(1, id: 3, 2), .send(2, id: 4, 2)])
        #expect(machine.tick(now: 3_001) == [.close(2), .connect(3, server: 0)])
        #expect(machine.connected(3, now: 3_002) == [.send(1, id: 5, 3), .send(2, id: 6, 3)])
        #expect(machine.tick(now: 4_000) == [.fail(1)])
        #expect(machine.tick(now: 4_100) == [.fail(2)])
        #expect(machine.tick(now: 6_002) == [.close(3)])
        #expect(!machine.isBusy)
    }

    @Test("one query without an answer among others is sent again, and is that query's trouble")
    func lost() {
        var machine = machine(1)
        _ = machine.ask(1, now: 0)
        _ = machine.connected(1, now: 0)
        _ = machine.ask(2, now: 1_000)
        machine.answered(2, now: 1_100)
        #expect(machine.tick(now: 1_500) == [.send(1, id: 3, 1)])
        // An answer to the first sending is none any more: its id may be another's.
        #expect(machine.ticket(1, on: 1) == nil && machine.ticket(3, on: 1) == 1)
        _ = machine.ask(3, now: 2_900)
        machine.answered(4, now: 2_950)
        #expect(machine.tick(now: 3_000) == [.send(1, id: 5, 1)])
        #expect(machine.tick(now: 4_000) == [.fail(1)])
        #expect(machine.isBusy)
    }

    @Test(
        "a server that closes after an answer is asked again; one that only closes is not for long")
    func closing() {
        var machine = machine(1)
        _ = machine.ask(1, now: 0)
        _ = machine.connected(1, now: 0)
        _ = machine.ask(2, now: 0)
        machine.answered(1, now: 10)
        #expect(machine.ended(1, now: 20) == [.connect(2, server: 0)])
        #expect(machine.connected(2, now: 30) == [.send(2, id: 3, 2)])
        #expect(machine.ended(2, now: 40) == [.fail(2)])
        #expect(!machine.isBusy)
    }

    @Test("until the network is up queries wait, and ask for it now and then")
    func waking() {
        var machine = machine(0, isUp: false)
        #expect(machine.ask(1, now: 0) == [.want])
        #expect(machine.ask(2, now: 10) == [])
        #expect(machine.tick(now: 999) == [])
        #expect(machine.tick(now: 1_000) == [.want])
        #expect(machine.isBusy)
        #expect(machine.setServers(2, now: 20_000) == [.want])
        #expect(machine.setUp(true, now: 20_100) == [.connect(1, server: 0)])
        #expect(machine.setUp(true, now: 20_200) == [])
        #expect(machine.connected(1, now: 20_300) == [.send(1, id: 1, 1), .send(2, id: 2, 1)])
        // From its being up on it is the servers' turn.
        machine.answered(2, now: 20_400)
        #expect(machine.tick(now: 21_800) == [.send(1, id: 3, 1)])
        #expect(machine.tick(now: 24_100) == [.fail(1)])
    }

    @Test("a network that does not come up is waited for as long as a query may be held")
    func held() {
        var machine = machine(1, isUp: false)
        #expect(machine.ask(1, now: 0) == [.want])
        #expect(machine.tick(now: 29_999) == [.want])
        #expect(machine.tick(now: 30_000) == [.fail(1)])
        #expect(!machine.isBusy)
    }

    @Test("a network that is up and has no servers has no answer")
    func nobody() {
        var machine = machine(0, isUp: false)
        _ = machine.ask(1, now: 0)
        #expect(machine.setUp(true, now: 10) == [.fail(1)])
        #expect(machine.ask(2, now: 20) == [.fail(2)])
        #expect(!machine.isBusy)
    }

    @Test("a network that is not up any more: what was sent waits for the next time")
    func down() {
        var machine = machine(1)
        _ = machine.ask(1, now: 0)
        _ = machine.connected(1, now: 0)
        #expect(machine.setUp(false, now: 100) == [.close(1), .want])
        #expect(machine.tick(now: 5_000) == [.want])
        #expect(machine.setUp(true, now: 6_000) == [.connect(2, server: 0)])
        #expect(machine.connected(2, now: 6_001) == [.send(1, id: 2, 2)])
    }

    @Test("other servers: what was under way begins anew")
    func changing() {
        var machine = machine(1)
        _ = machine.ask(1, now: 0)
        _ = machine.connected(1, now: 0)
        #expect(machine.setServers(1, now: 5) == [.close(1), .connect(2, server: 0)])
        #expect(machine.connected(2, now: 6) == [.send(1, id: 2, 2)])
        #expect(machine.setServers(0, now: 7) == [.close(2), .fail(1)])
    }

    @Test("a network that refuses answers everything now")
    func refusing() {
        var machine = machine(1)
        _ = machine.ask(1, now: 0)
        _ = machine.connected(1, now: 0)
        _ = machine.ask(2, now: 1)
        #expect(machine.refuse() == [.close(1), .fail(1), .fail(2)])
        #expect(machine.ask(3, now: 2) == [.want])
        #expect(machine.refuse() == [.fail(3)])
        #expect(!machine.isBusy)
    }

    @Test("whatever happens, each query ends once", arguments: 1...200)
    func random(_ seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        var machine = CarrierMachine(
            servers: Int.random(in: 0...3, using: &random), isUp: seed.isMultiple(of: 2),
            limits: Self.limits)
        var now: Int64 = 0
        var asked: UInt64 = 0
        var ended: Set<UInt64> = []
        var sent: [UInt16: UInt64] = [:]
        var connecting: Set<UInt64> = []
        var open: Set<UInt64> = []
        func note(_ actions: [CarrierMachine.Action]) {
            for action in actions {
                switch action {
                case .connect(let attempt, _): connecting.insert(attempt)
                case .close(let attempt):
                    #expect(open.remove(attempt) != nil || connecting.remove(attempt) != nil)
                case .send(let ticket, let id, let attempt):
                    #expect(open.contains(attempt))
                    sent[id] = ticket
                case .fail(let ticket): #expect(ended.insert(ticket).inserted)
                case .want: break
                }
            }
        }
        for _ in 0..<300 {
            now += Int64.random(in: 0...2_000, using: &random)
            switch Int.random(in: 0...7, using: &random) {
            case 0, 1:
                asked += 1
                note(machine.ask(asked, now: now))
            case 2:
                if let attempt = connecting.min() {
                    connecting.remove(attempt)
                    open.insert(attempt)
                    note(machine.connected(attempt, now: now))
                }
            case 3:
                if let attempt = open.union(connecting).min() {
                    open.remove(attempt)
                    connecting.remove(attempt)
                    note(machine.ended(attempt, now: now))
                }
            case 4, 5:
                for (id, ticket) in sent {
                    for attempt in open where machine.ticket(id, on: attempt) == ticket {
                        machine.answered(id, now: now)
                        #expect(ended.insert(ticket).inserted)
                        break
                    }
                }
            case 6: note(machine.tick(now: now))
            default:
                switch Int.random(in: 0...19, using: &random) {
                case 0: note(machine.setServers(Int.random(in: 0...3, using: &random), now: now))
                case 1: note(machine.setUp(Bool.random(using: &random), now: now))
                case 2: note(machine.refuse())
                default: break
                }
            }
        }
        // Left alone, it comes to rest.
        for _ in 0..<20 {
            now += 30_000
            note(machine.tick(now: now))
        }
        #expect(!machine.isBusy)
        #expect(ended.count == Int(asked))
    }
}
