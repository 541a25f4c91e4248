internal import CLinux
internal import Glibc
internal import Logging

/// Tells when services appear on a bus: after a restart they have forgotten what we told them.
///
/// `busctl monitor` runs as a child meanwhile, and is started again when it ends.
struct BusWatch: Sendable {
    let bus: Bus
    let services: [String]
    let paths: NamePaths
    let log: Logger

    /// Works until the task is cancelled. Each service is told once at the beginning, and whenever
    /// something may have been missed.
    func run(_ appeared: @Sendable (_ service: String) async -> Void) async {
        var failures = 0
        while !Task.isCancelled {
            do {
                try await watch { service in
                    failures = 0
                    await appeared(service)
                }
            } catch {
                if failures == 0 { log.warning("names: D-Bus is not watched: \(error)") }
            }
            failures += 1
            let delay = Backoff(lastMs: 60_000).delayMs(failures: failures, jitter: 0.5)
            try? await Task.sleep(for: .milliseconds(delay))
        }
    }

    private func watch(_ appeared: (_ service: String) async -> Void) async throws(ProcessError) {
        let (process, output) = try start()
        await withTaskCancellationHandler {
            await read(output, appeared)
            await process.terminate(grace: .milliseconds(500))
        } onCancel: {
            // The end of its output is what ends the reading.
            process.signal(SIGKILL)
        }
        try? NameRecord.update(paths) { $0.monitor = nil }
    }

    /// A detached child like all others: it is on record, in case we do not live to end it.
    private func start() throws(ProcessError) -> (ProcessHandle, output: Descriptor) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else {
            throw ProcessError(attempt: "make a pipe", code: errno)
        }
        let output = Descriptor(adopting: ends[0])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(output.raw, F_SETFL, O_NONBLOCK)
        var launch = bus.launch(["--json=short", "monitor"] + services.map(Self.match))
        launch.output = Descriptor(adopting: ends[1])
        let executable = launch.executable
        let process = try launch.start(watcher: bus.watcher) { (pid) throws(ProcessError) in
            let record = try ProcessRecord(of: pid, executable: executable)
            try NameRecord.update(paths) { $0.monitor = record }
        }
        return (process, output)
    }

    private func read(
        _ output: Descriptor, _ appeared: (_ service: String) async -> Void
    ) async {
        var text: [UInt8] = []
        while true {
            guard await isReadable(output) else { return }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe Glibc.read(output.raw, &chunk, chunk.count)
            if count < 0 && (errno == EAGAIN || errno == EINTR) { continue }
            // A line that does not end is nobody's.
            guard count > 0, text.count < 1 << 20 else { return }
            text += chunk.prefix(count)
            while let end = text.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: text[..<end], as: UTF8.self)
                text.removeFirst(end + 1)
                if line.hasPrefix("Monitoring bus message stream") {
                    for service in services { await appeared(service) }
                } else if let change = OwnerChange(line), change.isOwned,
                    services.contains(change.name)
                {
                    await appeared(change.name)
                }
            }
        }
    }

    /// Waits for something to read, or for the end of the output.
    private func isReadable(_ output: Descriptor) async -> Bool {
        await withCheckedContinuation { continuation in
            do {
                try bus.watcher.whenReadable(output) { continuation.resume(returning: true) }
            } catch {
                continuation.resume(returning: false)
            }
        }
    }

    private static func match(_ service: String) -> String {
        "--match=type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='\(service)'"
    }
}
