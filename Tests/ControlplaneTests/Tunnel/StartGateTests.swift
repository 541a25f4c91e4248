import Testing

@testable import controlplane

@Suite("who may begin to dial")
struct StartGateTests {
    @Test("one at a time per gateway, in order")
    func oneAtATime() async {
        let gate = StartGate()
        #expect(await gate.enter("a"))
        let second = Task { await gate.enter("a") }
        // Another gateway does not wait for this one.
        #expect(await gate.enter("b"))
        await gate.leave("a")
        #expect(await second.value)
        await gate.leave("a")
        await gate.leave("b")
    }

    @Test("never more than the limit, and everyone has a turn")
    func limit() async {
        let gate = StartGate(startsMax: 3)
        let counter = Counter()
        await withTaskGroup { group in
            for number in 0..<60 {
                group.addTask {
                    guard await gate.enter("gateway \(number % 20)") else { return }
                    await counter.begin()
                    try? await Task.sleep(for: .milliseconds(1))
                    await counter.end()
                    await gate.leave("gateway \(number % 20)")
                }
            }
        }
        #expect(await counter.most <= 3)
        #expect(await counter.all == 60)
    }

    @Test("one who gives up waiting does not take a turn")
    func cancellation() async {
        let gate = StartGate()
        #expect(await gate.enter("a"))
        let second = Task { await gate.enter("a") }
        second.cancel()
        #expect(await second.value == false)
        await gate.leave("a")
        #expect(await gate.enter("a"))
    }

    private actor Counter {
        private var now = 0
        private(set) var most = 0
        private(set) var all = 0

        func begin() {
            now += 1
            all += 1
            most = max(most, now)
        }

        func end() { now -= 1 }
    }
}
