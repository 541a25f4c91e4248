internal import Glibc
internal import Logging

/// A dnsmasq of our own: a detached child with its configuration, log and record in the runtime
/// directory. It outlives us, is taken over by our next life, and is started again when it ends.
actor ManagedDnsmasq: NameBackend {
    /// Longer than a start takes on a slow and busy router.
    private static let startLimit: Duration = .seconds(10)
    /// How often its log is looked at, and cut.
    private static let logPause: Duration = .seconds(30)

    private let settings: DNSSettings
    private let paths: NamePaths
    private let watcher: ProcessWatcher
    private let log: Logger
    private let backoff: Backoff

    private var process: ProcessHandle?
    /// What `process` runs with.
    private var configuration = ""
    private var output: LogFile?
    private var hasAdopted = false
    private var startedAt = ContinuousClock.now
    /// Starts and short lives in a row that came to nothing.
    private var failures = 0
    private(set) var complaint: NameFailure?
    private var keeper: Task<Void, Never>?
    private var lineLimit = LineLimit(perSecond: 20)

    init(
        _ settings: DNSSettings, paths: NamePaths, watcher: ProcessWatcher, log: Logger,
        backoff: Backoff = Backoff(lastMs: 60_000)
    ) {
        self.settings = settings
        self.paths = paths
        self.watcher = watcher
        self.log = log
        self.backoff = backoff
    }

    func apply(_ rules: DnsmasqRules) async throws(NameFailure) {
        let wanted = ManagedConfiguration.render(
            settings, rules: rules, paths: paths, user: DnsmasqProgram.user)
        var isNew = false
        do {
            let names =
                "# Written by dvpn-controlplane; changes are lost.\n"
                + LANConfiguration.names(settings.dhcp) + rules.hosts
            for (path, text) in [
                (paths.servers, rules.serversFile), (paths.hosts, names),
                (paths.leaseHosts, LANConfiguration.hosts(settings.dhcp)),
            ] {
                if try paths.replace(path, text) { isNew = true }
            }
        } catch {
            throw NameFailure(description: error.description)
        }
        // Nothing else starts or ends a process meanwhile.
        await rest()
        defer { keep() }
        adopt()
        if let process, !process.hasEnded, configuration == wanted {
            guard isNew else { return }
            process.signal(SIGHUP)
            log.notice(
                "names: dvpn's dnsmasq reads its hosts and \(rules.rules.count) rules again")
            return
        }
        await end()
        configuration = wanted
        do {
            try await start()
        } catch {
            failures += 1
            throw error
        }
        log.notice(
            "names: dnsmasq runs for \(settings.listen.joined(separator: ", ")) with \(rules.rules.count) rules"
        )
    }

    func stop() async { await rest() }

    /// Ends a dnsmasq of an earlier life, as its record proves it to be ours.
    static func endLeftover(_ paths: NamePaths, _ watcher: ProcessWatcher) async {
        guard let record = DnsmasqRecord.load(from: paths.process) else { return }
        await record.process.end(watcher: watcher, grace: .seconds(2))
        AtomicFile.remove(paths.process)
    }

    // MARK: - Steps

    /// Takes over the one of an earlier life, once. Whether it has the right configuration is seen
    /// later.
    private func adopt() {
        guard !hasAdopted else { return }
        hasAdopted = true
        guard let record = DnsmasqRecord.load(from: paths.process),
            let found = record.process.adopt(watcher: watcher)
        else { return }
        process = found
        configuration = record.configuration
        output = try? LogFile(path: paths.log, fresh: false)
        startedAt = .now
        log.notice("names: adopted dvpn's dnsmasq, process \(found.pid)")
    }

    private func end() async {
        await process?.terminate(grace: .seconds(2))
        process = nil
        AtomicFile.remove(paths.process)
    }

    private func start() async throws(NameFailure) {
        let executable = try DnsmasqProgram.find()
        let started: ProcessHandle
        do {
            _ = try paths.replace(paths.configuration, configuration)
            let output = try LogFile(path: paths.log, fresh: true)
            self.output = output
            let launch = ProcessLaunch(
                executable: executable,
                arguments: ["--keep-in-foreground", "--conf-file=\(paths.configuration)"],
                output: output.output, fileBytesMax: UInt64(LogFile.bytesMax))
            // It is on record before it runs: a crash of ours in between leaves nothing unknown.
            started = try await launch.start(in: .dnsmasq, watcher: watcher) {
                (pid) throws(ProcessError) in
                try DnsmasqRecord(
                    configuration: configuration,
                    process: ProcessRecord(of: pid, executable: executable)
                ).save(to: paths.process)
            }
        } catch {
            throw NameFailure(description: "dvpn's dnsmasq: \(error)")
        }
        process = started
        startedAt = .now
        do {
            try await becomeReady(started)
            complaint = nil
        } catch {
            complaint = error
            throw error
        }
    }

    private func becomeReady(_ started: ProcessHandle) async throws(NameFailure) {
        let clock = ContinuousClock()
        let limit = clock.now.advanced(by: Self.startLimit)
        var exit: ProcessExit?
        while clock.now < limit {
            if output?.tail().contains(": started, version ") == true { return }
            exit = await started.wait(atMost: .milliseconds(20))
            if exit != nil || Task.isCancelled { break }
        }
        let words = DnsmasqProgram.lastWords(output?.tail() ?? "")
        await end()
        throw NameFailure(
            description: exit == nil
                ? "dvpn's dnsmasq did not start in time: \(words)"
                : "dvpn's dnsmasq cannot start: \(words)")
    }

    /// A line for each rule at each start: more than most want to see.
    private func relay(_ lines: [String]) {
        for line in lines where lineLimit.take(at: Clock.now()).isAllowed {
            log.record(
                .debug, .clientSaid, "names: dnsmasq: \(line)", [.program: "dnsmasq"])
        }
    }

    /// Watches over the process, or tries again to start one.
    private func keep() {
        keeper = Task { [weak self] in
            while !Task.isCancelled { await self?.turn() }
        }
    }

    private func rest() async {
        keeper?.cancel()
        await keeper?.value
        keeper = nil
    }

    /// One turn of the keeper: until something has happened.
    private func turn() async {
        if let process {
            let exit = await process.wait(atMost: Self.logPause)
            guard !Task.isCancelled else { return }
            // Reading is what keeps it short.
            relay(OutputRule.lines(output?.news() ?? ""))
            guard let exit else { return }
            self.process = nil
            failures = ContinuousClock.now - startedAt > .seconds(60) ? 1 : failures + 1
            log.record(
                .warning, .namesFailed,
                "names: dvpn's dnsmasq has ended (\(exit)): \(DnsmasqProgram.lastWords(output?.tail() ?? ""))"
            )
        }
        let delay = backoff.delayMs(failures: max(failures, 1), jitter: Double.random(in: 0...1))
        guard (try? await Task.sleep(for: .milliseconds(delay))) != nil else { return }
        do {
            try await start()
            log.notice("names: dvpn's dnsmasq runs again")
        } catch {
            failures += 1
            log.record(.error, .namesFailed, "names: \(error)")
        }
    }
}
