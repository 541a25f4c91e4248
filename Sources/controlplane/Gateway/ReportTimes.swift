internal import CLinux

/// When a machine's next deadline is, on the wall clock and by what it means.
struct ReportTimes {
    private(set) var nextRetry: Int64?
    private(set) var idleCloses: Int64?

    init(_ machine: TunnelMachine) {
        guard let armed = machine.armed else { return }
        let at = Clock.now() + armed - cl_boottime_ms()
        switch machine.state {
        case .holdoff: nextRetry = at
        case .up: idleCloses = at
        case .idle, .dialling, .draining, .cleaning, .locked: break
        }
    }
}
