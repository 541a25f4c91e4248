import Testing

@testable import controlplane

@Suite struct TunnelTallyTests {
    private static let dialling = TunnelMachine.State.dialling(attempt: 1, since: 1_000)
    private static let up = TunnelMachine.State.up(since: 3_000, quietSince: nil)
    private static let refused = Failure(.refused, "nothing listens")

    @Test(arguments: [
        (TunnelMachine.Event.demand(.init("tcp")), TunnelTally.Starter.demand),
        (.operatorUp, .operator), (.deadline, .retry),
    ])
    func `a dial is counted by who wanted it`(
        event: TunnelMachine.Event, starter: TunnelTally.Starter
    ) {
        var tally = TunnelTally()
        tally.step(from: .idle, to: Self.dialling, on: event, now: 1_000)
        #expect(tally.starts == [starter: 1])
    }

    @Test func `more demand for the same dial is no start`() {
        var tally = TunnelTally()
        tally.step(from: Self.dialling, to: Self.dialling, on: .demand(.init("tcp")), now: 1_500)
        #expect(tally.starts.isEmpty)
    }

    @Test func `a second attempt is`() {
        var tally = TunnelTally()
        let again = TunnelMachine.State.dialling(attempt: 2, since: 2_000)
        tally.step(from: Self.dialling, to: again, on: .deadline, now: 2_000)
        #expect(tally.starts == [.retry: 1])
    }

    @Test func `the time of a dial goes into its bucket`() {
        var tally = TunnelTally()
        tally.step(from: Self.dialling, to: Self.up, on: .ready, now: 3_000)
        tally.step(from: Self.dialling, to: Self.up, on: .ready, now: 101_000)
        // Each bucket has those below it; then come the sum of seconds and the count.
        #expect(tally.dials.samples.map(\.value) == [0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 102, 2])
    }

    @Test func `failures are counted by their kind`() {
        var tally = TunnelTally()
        tally.step(from: Self.dialling, to: .idle, on: .failed(Self.refused), now: 0)
        tally.step(from: Self.up, to: .idle, on: .ended(Self.refused), now: 0)
        tally.step(from: Self.up, to: .idle, on: .ended(nil), now: 0)
        #expect(tally.failures == [.refused: 2])
    }
}
