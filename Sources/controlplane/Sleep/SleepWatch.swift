internal import FoundationEssentials
internal import Logging

/// Tells when the host goes to sleep and when it is awake again, as systemd-logind does
/// (`PrepareForSleep`, org.freedesktop.login1(5)). A host without logind does not sleep.
struct SleepWatch: Sendable {
    let bus: Bus
    /// The runtime directory.
    let runtime: String
    let log: Logger

    /// Works until the task is cancelled. The host waits for the end of `changed` before it sleeps,
    /// though not for long: see `SleepLock`.
    func run(_ changed: @Sendable (_ goesToSleep: Bool) async -> Void) async {
        let lock = SleepLock(bus: bus)
        await Self.endLeftover(runtime: runtime, watcher: bus.watcher)
        let monitor = BusMonitor(bus: bus, matches: [SleepSignal.match]) {
            [runtime] (process) throws(ProcessError) in
            try Self.save(process, runtime)
        }
        await monitor.run { event in
            switch event {
            case .began:
                await lock.take()
            case .message(let line):
                guard let signal = SleepSignal(line) else { return }
                if !signal.goesToSleep { await lock.take() }
                await changed(signal.goesToSleep)
                if signal.goesToSleep { await lock.release() }
            }
        } failed: { error in
            // Most often there is no bus, and then nobody who puts the host to sleep.
            log.info("the host's sleep is not noticed: \(error)")
        }
        await lock.release()
    }

    /// Ends a monitor of an earlier life.
    static func endLeftover(runtime: String, watcher: ProcessWatcher) async {
        guard let bytes = try? AtomicFile.read(path(runtime)) else { return }
        let record = try? JSONDecoder().decode(ProcessRecord.self, from: Data(bytes))
        await record?.adopt(watcher: watcher)?.terminate(grace: .milliseconds(500))
        AtomicFile.remove(path(runtime))
    }

    private static func save(
        _ process: ProcessRecord?, _ runtime: String
    ) throws(ProcessError) {
        guard let process else { return AtomicFile.remove(path(runtime)) }
        guard let data = try? JSONEncoder().encode(process) else {
            preconditionFailure("strings and numbers always encode")
        }
        try AtomicFile.write(Array(data), to: path(runtime), mode: 0o600, durable: false)
    }

    private static func path(_ runtime: String) -> String { "\(runtime)/sleep.json" }
}
