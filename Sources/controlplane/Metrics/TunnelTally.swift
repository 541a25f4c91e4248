/// What has become of one tunnel's dials since the controlplane's start. Pure.
struct TunnelTally: Equatable, Sendable {
    /// Who wanted a tunnel. A word of a metric's label, so that there are few of them.
    enum Starter: String, CaseIterable, Sendable {
        /// A packet or a connection.
        case demand
        case `operator`
        /// What had failed, or was lost, is tried again.
        case retry
    }

    /// Upper bounds of the histogram's buckets, in seconds.
    static let bounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    private(set) var starts: [Starter: Int] = [:]
    private(set) var failures: [Failure.Kind: Int] = [:]
    /// Dials that succeeded, by how long they took: of each bucket alone, the last without a bound.
    private(set) var dials = [Int](repeating: 0, count: bounds.count + 1)
    private(set) var dialSeconds = 0.0

    /// Takes the step that an event has made a machine take; all times are in milliseconds.
    mutating func step(
        from source: TunnelMachine.State, to target: TunnelMachine.State,
        on event: TunnelMachine.Event, now: TunnelMachine.Instant
    ) {
        switch event {
        case .failed(let failure), .ended(let failure?): failures[failure.kind, default: 0] += 1
        default: break
        }
        switch (source, target) {
        case (.dialling(_, let since), .up):
            add(seconds: Double(now - since) / 1_000)
        case (.dialling(let before, _), .dialling(let after, _)) where before == after:
            break
        case (_, .dialling):
            starts[Starter(event), default: 0] += 1
        default:
            break
        }
    }

    private mutating func add(seconds: Double) {
        dialSeconds += seconds
        dials[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
    }
}

extension TunnelTally.Starter {
    fileprivate init(_ event: TunnelMachine.Event) {
        switch event {
        case .demand: self = .demand
        case .operatorUp: self = .operator
        default: self = .retry
        }
    }
}
