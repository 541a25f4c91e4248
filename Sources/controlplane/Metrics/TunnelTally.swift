/// What has become of dials, of one tunnel or of all, since the controlplane's start. Pure.
struct TunnelTally: Equatable, Sendable {
    /// Who wanted a tunnel. A word of a metric's label, so that there are few of them.
    enum Starter: String, CaseIterable, Sendable {
        /// A packet or a connection.
        case demand
        case `operator`
        /// What had failed, or was lost, is tried again.
        case retry
    }

    private(set) var starts: [Starter: Int] = [:]
    private(set) var failures: [Failure.Kind: Int] = [:]
    /// How long dials took that succeeded.
    private(set) var dials = SecondsHistogram()

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
            dials.add(seconds: Double(now - since) / 1_000)
        case (.dialling(let before, _), .dialling(let after, _)) where before == after:
            break
        case (_, .dialling):
            starts[Starter(event), default: 0] += 1
        default:
            break
        }
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
