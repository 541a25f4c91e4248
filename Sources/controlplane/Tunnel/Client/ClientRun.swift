internal import Glibc

/// One run of a client, from its launch to the last trace of it on the host.
///
/// Knows nothing of configurations: what a later life of ours needs to end it is in the record.
actor ClientRun {
    /// openconnect reads 1,024 at a time, and takes the rest for the next answer.
    private static let answerBytesMax = 1_000

    nonisolated let paths: ClientPaths
    private(set) var record: ClientRecord
    private let host: ClientHost
    private var process: ProcessHandle?
    private var log: LogFile?
    /// Where answers go, while it may ask. That we hold both ends keeps a write to a client that
    /// has just ended from being a signal to us.
    private var answers: (output: Descriptor, input: Descriptor)?

    init(record: ClientRecord, host: ClientHost) {
        self.record = record
        self.host = host
        paths = ClientPaths(runtime: host.runtime, tunnel: record.tunnel)
    }

    /// Starts the client. It is on record before it runs: a crash of ours in between leaves
    /// nothing unknown.
    func start(
        _ command: ClientCommand, program: any ClientProgram
    ) async throws(Failure) {
        guard let executable = ClientHost.locate(command.executable) else {
            throw Failure(
                .configuration, "the program \(command.executable) is not installed on this host")
        }
        do {
            let log = try LogFile(path: paths.log, fresh: true)
            self.log = log
            var launch = ProcessLaunch(executable: executable, arguments: command.arguments)
            launch.environment += command.environment + [ClientHost.mark(paths)]
            if let script = program.foreignScript {
                launch.environment.append("\(ScriptReport.foreignVariable)=\(script)")
            }
            if !command.input.isEmpty {
                let pipe = try Descriptor.pipe()
                try Self.write(command.input, to: pipe.input)
                launch.input = pipe.output
                if command.takesAnswers { answers = pipe }
            }
            launch.output = log.output
            launch.fileBytesMax = program.fileBytesMax
            // What any other program becomes when it executes is its own affair.
            let known = program.mayLeave ? nil : executable
            process = try await launch.start(
                in: .tunnel(device: record.device), watcher: host.watcher
            ) { (pid) throws(ProcessError) in
                record.process = try ProcessRecord(of: pid, executable: known)
                try record.save(to: paths.record)
            }
        } catch {
            if Task.isCancelled { throw Failure(.killed, "the dial was given up") }
            throw Failure(.configuration, "\(program.name) cannot be started: \(error)")
        }
    }

    /// Takes hold of the recorded process; false when it is gone.
    func attach() -> Bool {
        log = try? LogFile(path: paths.log, fresh: false)
        process = record.process?.adopt(watcher: host.watcher)
        return process != nil
    }

    /// Waits for the process's end, at most for `limit`.
    func exit(within limit: Duration) async -> ProcessExit? {
        // Without a process there is nothing to wait for; systemd may have seen its end.
        guard let process else {
            return await record.process?.exit(watcher: host.watcher) ?? .unknown
        }
        return await process.wait(atMost: limit)
    }

    /// A line for its standard input; nothing happens where it takes none.
    func answer(_ value: SecretValue) {
        guard let answers else { return }
        // What came after it would be the answer to the next question.
        let line = value.bytes.prefix(Self.answerBytesMax).prefix { $0 != 0x0a }
        try? Self.write(line + [0x0a], to: answers.input)
    }

    /// It finds the end of its input, and asks in vain from now on.
    func endAnswers() { answers = nil }

    /// The tunnel is up: worth knowing to the next life.
    func becameReady() {
        endAnswers()
        record.isReady = true
        try? record.save(to: paths.record)
    }

    /// The process ended well and left its tunnel standing.
    func left() {
        record.hasLeft = true
        try? record.save(to: paths.record)
    }

    /// The client's last words.
    var words: String { log?.tail() ?? "" }

    /// What the client has printed since it was asked last. Keeps the log from growing, too.
    func news() -> [String] { OutputRule.lines(log?.news() ?? "") }

    /// Ends whatever runs, removes what it leaves on the host, and its files. Harmless when
    /// repeated. Returns what was out of order, a sentence each.
    func end() async -> [String] {
        var notes: [String] = []
        endAnswers()
        let running = process ?? record.process?.adopt(watcher: host.watcher)
        let isRunning = running.map { !$0.hasEnded } ?? false
        if isRunning || TunnelDevices.exists(record.device), !record.stopCommand.isEmpty {
            if let note = await callStop() { notes.append(note) }
            _ = await running?.wait(atMost: .seconds(2))
        }
        if let running, !running.hasEnded {
            // A client that is asked tells its gateway, and undoes what its script has done.
            let exit = await running.terminate(grace: .milliseconds(record.graceMs))
            if exit == .signal(SIGKILL) {
                notes.append("the client did not end when it was asked, and was killed")
            }
        }
        if let leader = record.process?.pid {
            let count = await ClientSession.end(leader: leader, mark: ClientHost.mark(paths))
            if count > 0 { notes.append("\(count) processes that the client left were ended") }
        }
        // Whatever it has put into a session of its own.
        await record.process?.release(watcher: host.watcher)
        if record.makesDevice && TunnelDevices.exists(record.device) {
            do {
                try await TunnelDevices.remove(record.device, host.system)
                notes.append("the device \(record.device) was left behind; removed")
            } catch {
                notes.append("the device \(record.device) was left behind: \(error)")
            }
        }
        notes += await host.snapshots.repair(record.tunnel)
        host.rests.begin(record.host ?? record.tunnel, restMs: record.restMs)
        removeFiles()
        return notes
    }

    private func callStop() async -> String? {
        guard let name = record.stopCommand.first, let executable = ClientHost.locate(name) else {
            return "there is no stop command \(record.stopCommand.first ?? "")"
        }
        var launch = ProcessLaunch(
            executable: executable, arguments: Array(record.stopCommand.dropFirst()))
        launch.environment += record.environment
        let answer = try? await ProcessHelper.run(
            launch, limit: .seconds(10), watcher: host.watcher)
        switch answer?.exit {
        case .status(0): return nil
        case nil: return "the stop command took longer than 10 s, and was ended"
        case .some:
            let words = OutputRule.lines(answer?.text ?? "").last ?? "nothing"
            return "the stop command failed, and said: \(words)"
        }
    }

    /// The record last: it is the way to all the others.
    private func removeFiles() {
        for path in [paths.report, paths.pid, paths.log, paths.record] { AtomicFile.remove(path) }
    }

    /// Fills a pipe: once read the bytes are nowhere, and a file, even one in memory, would stay open
    /// for the client's life.
    private static func write(_ bytes: [UInt8], to pipe: Descriptor) throws(ProcessError) {
        // A pipe takes 64 KiB without anybody reading; a configuration has less than one.
        let count = unsafe bytes.withUnsafeBytes { buffer in
            unsafe Glibc.write(pipe.raw, buffer.baseAddress, buffer.count)
        }
        guard count == bytes.count else {
            throw ProcessError(attempt: "fill a pipe", code: count < 0 ? errno : EAGAIN)
        }
    }
}
