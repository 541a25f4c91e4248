internal import CLinux
internal import Glibc

/// A short program that is run for its answer: `ssh -V`, `ssh -O check`.
enum ProcessHelper {
    /// What it said (both outputs, at most 1 MiB) and how it ended; `exit` is nil when it took
    /// longer than `limit` and was ended.
    struct Answer: Equatable, Sendable {
        let exit: ProcessExit?
        let text: String
    }

    /// Runs to the end, or to the limit. The launch's own `output` is replaced; where it does not limit
    /// what may be written, 1 MiB is the limit.
    static func run(
        _ launch: ProcessLaunch, limit: Duration, watcher: ProcessWatcher
    ) async throws(ProcessError) -> Answer {
        // A file in memory instead of a pipe: nobody has to read along, nothing can fill up and
        // hang, and it is gone with its last descriptor.
        let output = Descriptor(
            adopting: try ProcessError.check(
                unsafe dvpn_memory_file("output"), "make a memory file"))
        var launch = launch
        launch.output = output
        launch.fileBytesMax = launch.fileBytesMax ?? 1 << 20
        launch.isHangupBlocked = true
        let process = try launch.start(watcher: watcher)
        let exit = await process.wait(atMost: limit)
        if exit == nil { await process.terminate(grace: .milliseconds(500)) }
        return Answer(exit: exit, text: content(output))
    }

    private static func content(_ file: Descriptor) -> String {
        var position = 0
        var content: [UInt8] = []
        while content.count < 1 << 20 {
            let part = LogFile.read(file, at: Int64(position), bytesMax: 65_536)
            if part.isEmpty { break }
            content += part
            position += part.count
        }
        return String(decoding: content, as: UTF8.self)
    }
}
