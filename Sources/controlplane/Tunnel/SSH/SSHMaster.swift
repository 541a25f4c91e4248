internal import Glibc

/// One ssh master: a detached process with its control socket, its forward, its log and its record.
///
/// Used once: `start` or `adopt`, then `end`, then thrown away. `stop` may come at any time.
actor SSHMaster {
    nonisolated let paths: SSHPaths
    private let settings: SSHSettings
    private let host: SSHHost
    private var process: ProcessHandle?
    /// Where connections can be made through it, once it is ready.
    private var forward: LocalEndpoint
    private var log: LogFile?
    /// Where connections are netcat's: what takes the place of the master's own forward.
    private var door: NetcatDoor?
    private let another: @Sendable () async -> SSHPaths?
    private let report: @Sendable (NetcatDoor.News) -> Void
    private var stopping = false
    /// What was read of the log before its time.
    private var overheard = ""
    /// Why the gateway refused the recorded dial that `adopt` found ended.
    private(set) var refusal: Failure?

    /// `another` names any master of the tunnel, and `report` hears of connections by netcat.
    init(
        settings: SSHSettings, host: SSHHost, id: UInt32,
        another: @escaping @Sendable () async -> SSHPaths? = { nil },
        report: @escaping @Sendable (NetcatDoor.News) -> Void = { _ in }
    ) {
        self.another = another
        self.report = report
        self.settings = settings
        self.host = host
        paths = SSHPaths(runtime: host.runtime, tunnel: settings.name, id: id)
        forward = .socket(path: paths.forward)
    }

    /// Dials, and returns when connections can be made through the endpoint.
    ///
    /// On failure nothing is left of it. Ends early when the task is cancelled.
    func start(address: String?) async throws(Failure) -> LocalEndpoint {
        if let defect = host.defect { throw defect }
        if let sentence = settings.defect { throw Failure(.configuration, sentence) }
        if let failure = CredentialFiles.defect(settings, reader: host.user) { throw failure }
        var gateway = "\(address ?? settings.gateway) \(settings.port)"
        // Where each connection has its own, four at a time: sshd lets ten be on their way in.
        if settings.isPerConnection ?? false { gateway += " \(paths.id % 4)" }
        guard await host.gate.enter(gateway) else { throw Self.cancelled }
        do {
            try await dialOnFreePort(address)
            try await openDoor()
            await host.gate.leave(gateway)
            return forward
        } catch {
            await host.gate.leave(gateway)
            throw error
        }
    }

    /// Takes over a running master that answers; nil when it does not and was ended.
    func adopt(_ record: MasterRecord) async -> LocalEndpoint? {
        guard let process = record.process.adopt(watcher: host.watcher) else {
            let exit = await record.process.exit(watcher: host.watcher)
            await record.process.release(watcher: host.watcher)
            // One that was ever ready has made its socket; the words of others are about the dial.
            if !exists(paths.control), let log = try? LogFile(path: paths.log, fresh: false) {
                let failure = SSHOutput.failure(
                    log: log.tail(), exit: exit, wasReady: false, settings: settings)
                if failure.locks { refusal = failure }
            }
            host.removeFiles(paths)
            return nil
        }
        self.process = process
        forward = record.port.map { .loopback(port: $0) } ?? .socket(path: paths.forward)
        log = try? LogFile(path: paths.log, fresh: false)
        guard record.settings.reaches(sameAs: settings), await answers(),
            (try? await openDoor()) != nil
        else {
            await stop()
            return nil
        }
        // What it said before belongs to the earlier life.
        _ = log?.news()
        return forward
    }

    /// Waits for the end, and says why; nil after `stop`. `refused` hears now and then what the
    /// gateway could not connect to, and `said` the lines that say something else.
    func end(
        refused: @Sendable ([String: Int]) async -> Void, said: @Sendable ([String]) -> Void
    ) async -> Failure? {
        guard let process else { return nil }
        var exit: ProcessExit?
        while exit == nil && !Task.isCancelled {
            exit = await process.wait(atMost: .seconds(2))
            let news = overheard + (log?.news() ?? "")
            overheard = ""
            let counts = SSHChannelFailure.count(in: news)
            if !counts.isEmpty { await refused(counts) }
            let lines = SSHChannelFailure.others(in: news)
            if !lines.isEmpty { said(lines) }
        }
        await door?.shut()
        guard let exit, !stopping else { return nil }
        let failure = SSHOutput.failure(
            log: log?.tail() ?? "", exit: exit, wasReady: true, settings: settings)
        host.removeFiles(paths)
        return failure
    }

    /// What the gateway could not connect to since `end` told so last; it will tell of it again.
    func refusals() -> [String: Int] {
        overheard += log?.news() ?? ""
        return SSHChannelFailure.count(in: overheard)
    }

    /// What it has printed and nobody has heard; can be asked for after its end, too.
    func lastWords() -> [String] {
        SSHChannelFailure.others(in: overheard + (log?.news() ?? ""))
    }

    /// Asks the master to end, then makes it, and removes its files. Returns when it is gone.
    func stop() async {
        stopping = true
        await door?.shut()
        guard let process else { return }
        if !process.hasEnded && exists(paths.control) {
            _ = try? await host.ask(
                SSHCommand.exit(paths, gateway: settings.gateway), limit: .seconds(2))
            _ = await process.wait(atMost: .seconds(1))
        }
        if !process.hasEnded { await process.terminate(grace: .seconds(2)) }
        host.removeFiles(paths)
    }

    /// Whether the master still answers; one that does not is ended, so that `end` returns.
    func examine() async {
        guard let process, !stopping, !process.hasEnded else { return }
        if await !answers() { await process.terminate(grace: .seconds(1)) }
    }

    /// Makes sshd set TCP_NODELAY on the connection, which it does when a session begins. The
    /// command may fail or be forbidden; what matters is that the session was opened.
    ///
    /// - Returns: a note for a person when the gateway allows no session at all.
    func awakenServer() async -> String? {
        // Each connection is a session there.
        if usesNetcat { return nil }
        let answer = try? await host.ask(
            SSHCommand.session(paths, gateway: settings.gateway), limit: .seconds(10))
        guard let answer, answer.text.contains("Session open refused by peer") else { return nil }
        return "\(settings.gateway) allows no session (MaxSessions 0): answers that come in two "
            + "parts take 40 ms longer; MaxSessions 1 with ForceCommand cures it"
    }

    /// Where it runs, if that is a unit.
    nonisolated var unit: ClientUnit? {
        host.watcher.units?.starts == true ? .ssh(gateway: settings.name, id: paths.id) : nil
    }

    // MARK: - Steps

    private var usesNetcat: Bool { settings.usesNetcat ?? false }

    /// The master has no forward of its own then.
    private func openDoor() async throws(Failure) {
        guard usesNetcat else { return }
        do {
            let door = try NetcatDoor(
                paths: paths, gateway: settings.gateway, host: host, another: another,
                report: report)
            self.door = door
            await door.open()
        } catch {
            await process?.terminate(grace: .seconds(1))
            host.removeFiles(paths)
            throw Failure(
                .configuration, "the socket for connections by netcat cannot be made",
                evidence: error.description)
        }
    }

    private static let portTriesMax = 3
    private static let cancelled = Failure(.killed, "the dial was given up")

    /// A port may be taken between its choice and the master's bind(2); then another one is tried.
    private func dialOnFreePort(_ address: String?) async throws(Failure) {
        for _ in 1..<Self.portTriesMax {
            do throws(Failure) {
                return try await dial(address)
            } catch {
                guard SSHOutput.isPortTaken(error) else { throw error }
            }
        }
        try await dial(address)
    }

    private func dial(_ address: String?) async throws(Failure) {
        // A killed master's sockets stand in the way of the next one.
        host.removeFiles(paths)
        let process: ProcessHandle
        do {
            if host.way.forward == .loopback && !usesNetcat {
                forward = .loopback(port: try host.freePort())
            }
            let text = SSHConfiguration.render(settings, address: address, hasAES: host.way.hasAES)
            try AtomicFile.write(
                Array(text.utf8), to: paths.configuration, mode: 0o640, group: host.user.group,
                durable: false)
            process = try await launch()
        } catch {
            host.removeFiles(paths)
            if Task.isCancelled { throw Self.cancelled }
            throw Failure(
                .configuration, "the ssh master cannot be started: \(error)")
        }
        self.process = process
        do {
            try await becomeReady(process)
        } catch {
            let exit = await process.terminate(grace: .seconds(1))
            host.removeFiles(paths)
            // Given up, it may have been refused just before.
            let last = SSHOutput.failure(
                log: log?.tail() ?? "", exit: exit, wasReady: false, settings: settings)
            throw last.locks ? last : error
        }
    }

    private func launch() async throws(ProcessError) -> ProcessHandle {
        let log = try LogFile(path: paths.log, fresh: true)
        self.log = log
        var launch = host.launch(
            SSHCommand.master(
                paths, forward: usesNetcat ? nil : forward, gateway: settings.gateway))
        launch.output = log.output
        launch.fileBytesMax = UInt64(LogFile.bytesMax)
        // It is on record before it runs: a crash of ours in between leaves nothing unknown.
        return try await launch.start(
            in: .ssh(gateway: settings.name, id: paths.id), watcher: host.watcher
        ) { (pid) throws(ProcessError) in
            try MasterRecord(
                tunnel: settings.name, id: paths.id, settings: settings, port: forward.port,
                process: ProcessRecord(of: pid, executable: host.executable)
            ).save(to: paths.record)
        }
    }

    private func becomeReady(_ process: ProcessHandle) async throws(Failure) {
        let clock = ContinuousClock()
        // ConnectTimeout is for the connection and the banner; as much again for the rest.
        let limit = clock.now.advanced(by: .seconds(2 * settings.connectTimeoutSeconds))
        while clock.now < limit {
            if Task.isCancelled || stopping { throw Self.cancelled }
            // The forward comes first and the control socket last, by rename: when both are there
            // the master has only to answer.
            if exists(paths.control), isOffered, await answers() { return }
            guard let exit = await process.wait(atMost: .milliseconds(15)) else { continue }
            if stopping { throw Self.cancelled }
            throw SSHOutput.failure(
                log: log?.tail() ?? "", exit: exit, wasReady: false, settings: settings)
        }
        throw Failure(
            .timedOut, "\(settings.gateway) did not finish the ssh handshake in time",
            evidence: log?.tail().split(whereSeparator: { $0.isNewline }).last.map(String.init))
    }

    private func answers() async -> Bool {
        let answer = try? await host.ask(
            SSHCommand.check(paths, gateway: settings.gateway), limit: .seconds(5))
        return answer?.exit == .status(0)
    }

    /// Whether the forward is there, and is the master's.
    private var isOffered: Bool {
        if usesNetcat { return true }
        switch forward {
        case .socket(let path):
            return exists(path)
        case .loopback(let port):
            let sockets = (try? ProcessFiles.text("/proc/net/tcp")) ?? ""
            return SSHOccupancy.listens(procNetTCP: sockets, port: port, user: host.user.user)
        }
    }

    private func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }
}
