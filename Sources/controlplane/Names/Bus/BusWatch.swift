internal import Logging

/// Tells when services appear on a bus: after a restart they have forgotten what we told them.
struct BusWatch: Sendable {
    let bus: Bus
    let services: [String]
    let paths: NamePaths
    let log: Logger

    /// Works until the task is cancelled. Each service is told once at the beginning, and whenever
    /// something may have been missed.
    func run(_ appeared: @Sendable (_ service: String) async -> Void) async {
        let monitor = BusMonitor(bus: bus, matches: services.map(Self.match)) {
            [paths] (process) throws(ProcessError) in
            try NameRecord.update(paths) { $0.monitor = process }
        }
        await monitor.run { event in
            switch event {
            case .began:
                for service in services { await appeared(service) }
            case .message(let line):
                guard let change = OwnerChange(line), change.isOwned,
                    services.contains(change.name)
                else { return }
                await appeared(change.name)
            }
        } failed: { error in
            log.warning("names: D-Bus is not watched: \(error)")
        }
    }

    private static func match(_ service: String) -> String {
        "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='\(service)'"
    }
}
