/// A tunnel with a device of its own, made by vpnc, openconnect or any other program.
///
/// What differs between these is in a `ClientProgram`; one process, its files and what it leaves
/// behind are in a `ClientRun`. This joins the two in the order of a tunnel's life.
actor ClientTunnel: TunnelBackend {
    nonisolated let events: AsyncStream<TunnelEvent>
    let report: AsyncStream<TunnelEvent>.Continuation
    /// The tunnel's full name.
    let name: String
    let program: any ClientProgram
    let host: ClientHost
    let paths: ClientPaths
    var run: ClientRun?
    private var life: Task<Void, Never>?
    private var stopping: Task<Void, Never>?
    var question: SecretQuestion?
    /// Who wants the dial.
    var wish: String?
    /// How long a person has for all answers of a dial.
    let answerLimit: Duration
    private var isUp = false
    private var refusal: Failure?

    init(
        name: String, program: any ClientProgram, host: ClientHost,
        answerLimit: Duration = .milliseconds(ConfigDefaults.promptMs)
    ) {
        self.answerLimit = answerLimit
        self.name = name
        self.program = program
        self.host = host
        paths = ClientPaths(runtime: host.runtime, tunnel: name)
        (events, report) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    deinit { report.finish() }

    // MARK: - What the owner wants

    func start(attempt: Int, address: String?) {
        guard life == nil else { return }
        refusal = nil
        life = Task { await self.live(address) }
    }

    func stop() async {
        // The owner repeats itself when a stop takes long; one is enough.
        let task = stopping ?? Task { await self.takeDown() }
        stopping = task
        await task.value
        stopping = nil
    }

    func adopt() async -> Bool {
        guard let record = ClientRecord.load(from: paths.record), record.tunnel == name else {
            // After a reboot nothing runs, and what a script wrote to disk is still there.
            say(await host.snapshots.repair(name))
            return false
        }
        let run = ClientRun(record: record, host: host)
        let isRunning = await run.attach()
        if isRunning || record.hasLeft, let device = try? await readyDevice(run, address: nil) {
            self.run = run
            isUp = true
            await run.becameReady()
            // What it said before belongs to the earlier life.
            _ = await run.news()
            report.yield(.deviceUp(device))
            life = Task {
                await self.outlive(run)
                self.life = nil
            }
            return true
        }
        if !isRunning && !record.hasLeft {
            let exit = await run.exit(within: .zero) ?? .unknown
            let failure = program.failure(
                log: await run.words, exit: exit, wasReady: record.isReady)
            report.yield(.note("ended while nobody watched: \(failure.message)"))
            if failure.locks {
                refusal = failure
                // Its record and its words stay until the owner has written that down, and stops.
                self.run = run
                return false
            }
        }
        say(await run.end())
        if !record.isReady { await hear(run) }
        return false
    }

    func takeRefusal() -> Failure? {
        defer { refusal = nil }
        return refusal
    }

    // `async` like the protocol's own: otherwise Swift would prefer the defaults that drop it.
    func wanted(by wish: String) async { self.wish = wish }

    func provide(_ secret: String) async {
        question?.answer(SecretValue(Array(secret.utf8)))
    }

    func refuse() async { question?.refuse() }

    func needCapacity(queued: Int, by worker: WorkerPart) {}

    func endpointFailed(id: UInt32) {}

    func credentialFingerprint() -> CredentialFingerprint {
        var secrets: [String: String] = [:]
        for request in program.secrets {
            let value = (try? host.secrets.read(request)) ?? nil
            secrets[request.secret.description] = value.flatMap { try? host.digest.of($0) }
        }
        return CredentialFingerprint(files: [:], secrets: secrets)
    }

    // MARK: - A tunnel's life

    private func live(_ address: String?) async {
        defer { life = nil }
        do throws(Failure) {
            let device = try await dial(address)
            report.yield(.deviceUp(device))
        } catch {
            if error.locks { refusal = error }
            // Whoever gave the dial up cleans up after it.
            if Task.isCancelled { return }
            await clean()
            if !Task.isCancelled { report.yield(.failed(error)) }
            return
        }
        guard let run, !Task.isCancelled else { return }
        isUp = true
        await run.becameReady()
        report.yield(.ready)
        await outlive(run)
    }

    private func takeDown() async {
        life?.cancel()
        await life?.value
        let wasUp = isUp
        isUp = false
        let dial = wasUp ? nil : run
        await clean()
        if let dial { await hear(dial) }
        if wasUp { report.yield(.ended(nil)) }
    }

    private func clean() async {
        guard let run else { return }
        self.run = nil
        let notes = await run.end()
        // Its file is gone, and can still be read.
        await relay(run)
        say(notes)
    }

    /// A dial that was given up may have been refused just before: its last words tell, which can
    /// still be read when their file is gone.
    private func hear(_ run: ClientRun) async {
        let exit = await run.exit(within: .zero) ?? .unknown
        let failure = program.failure(log: await run.words, exit: exit, wasReady: false)
        if failure.locks { refusal = refusal ?? failure }
    }

    /// Passes on what the client has printed.
    func relay(_ run: ClientRun) async {
        let lines = await run.news()
        if !lines.isEmpty {
            let unit = await run.record.process?.unit
            report.yield(.said(program: program.name, unit: unit, lines))
        }
    }

    func say(_ notes: [String]) {
        for note in notes { report.yield(.note(note)) }
    }

    // MARK: - Until the end

    private func outlive(_ run: ClientRun) async {
        let failure = await end(of: run)
        guard let failure, !Task.isCancelled else { return }
        isUp = false
        await clean()
        if !Task.isCancelled { report.yield(.ended(failure)) }
    }

    /// Waits for the process's end or the device's, and says why; nil when the task was cancelled.
    private func end(of run: ClientRun) async -> Failure? {
        while !Task.isCancelled {
            if await run.record.hasLeft {
                try? await Task.sleep(for: .milliseconds(500))
            } else if let exit = await run.exit(within: .milliseconds(500)) {
                if program.mayLeave && exit == .status(0)
                    && TunnelDevices.exists(program.device)
                {
                    await run.left()
                    continue
                }
                return program.failure(log: await run.words, exit: exit, wasReady: true)
            }
            await relay(run)
            if TunnelDevices.exists(program.device) { continue }
            // A client's death takes its device along: then its words say more.
            if await !run.record.hasLeft, let exit = await run.exit(within: .seconds(1)) {
                return program.failure(log: await run.words, exit: exit, wasReady: true)
            }
            return Failure(.lost, "the device \(program.device) is gone")
        }
        return nil
    }
}
