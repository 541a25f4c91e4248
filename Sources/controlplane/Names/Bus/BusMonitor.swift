internal import CLinux
internal import Glibc

/// Hears what is said on a bus: `busctl monitor` runs as a child meanwhile, and is started again
/// when it ends.
struct BusMonitor: Sendable {
    enum Event: Equatable, Sendable {
        /// From now on nothing is missed; before, something may have been.
        case began
        /// A message, as `busctl --json=short` prints it.
        case message(String)
    }

    let bus: Bus
    /// What to listen for: match rules of the D-Bus specification.
    let matches: [String]
    /// Puts the child on record, in case we do not live to end it; nil: there is none any more.
    let record: @Sendable (ProcessRecord?) throws(ProcessError) -> Void

    /// Works until the task is cancelled.
    ///
    /// - Parameter failed: called for the first failure in a row.
    func run(
        _ heard: @Sendable (Event) async -> Void, failed: @Sendable (ProcessError) -> Void
    ) async {
        var failures = 0
        while !Task.isCancelled {
            do throws(ProcessError) {
                guard bus.isThere else { throw ProcessError(attempt: "find D-Bus", code: ENOENT) }
                try await listen { event in
                    if event == .began { failures = 0 }
                    await heard(event)
                }
            } catch {
                if failures == 0 { failed(error) }
            }
            failures += 1
            let delay = Backoff(lastMs: 60_000).delayMs(failures: failures, jitter: 0.5)
            try? await Task.sleep(for: .milliseconds(delay))
        }
    }

    private func listen(_ heard: (Event) async -> Void) async throws(ProcessError) {
        let (process, output) = try start()
        await withTaskCancellationHandler {
            await read(output, heard)
            await process.terminate(grace: .milliseconds(500))
        } onCancel: {
            // The end of its output is what ends the reading.
            process.signal(SIGKILL)
        }
        try? record(nil)
    }

    private func start() throws(ProcessError) -> (ProcessHandle, output: Descriptor) {
        let (output, input) = try Descriptor.pipe()
        _ = fcntl(output.raw, F_SETFL, O_NONBLOCK)
        var launch = bus.launch(["--json=short", "monitor"] + matches.map { "--match=\($0)" })
        launch.output = input
        let executable = launch.executable
        let process = try launch.start(watcher: bus.watcher) { (pid) throws(ProcessError) in
            try record(ProcessRecord(of: pid, executable: executable))
        }
        return (process, output)
    }

    private func read(_ output: Descriptor, _ heard: (Event) async -> Void) async {
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
                let isFirst = line.hasPrefix("Monitoring bus message stream")
                await heard(isFirst ? .began : .message(line))
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
}
