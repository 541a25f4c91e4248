internal import Protocol

/// From the wish for a tunnel to a device that is up.
extension ClientTunnel {
    private static let cancelled = Failure(.killed, "the dial was given up")

    func dial(_ address: String?) async throws(Failure) -> TunnelDevice {
        let deadline = ContinuousClock.now + answerLimit
        if let record = ClientRecord.load(from: paths.record) {
            // It should not be there; whatever it stands for must not run beside the new one.
            say(await ClientRun(record: record, host: host).end())
        }
        try await rest()
        let command = try program.command(
            ClientSurroundings(
                paths: paths, address: address,
                script: host.scriptCommand(foreign: program.foreignScript != nil)),
            secrets: try await gatherSecrets(until: deadline))
        let isThere = TunnelDevices.exists(program.device)
        if isThere && !program.mayLeave {
            throw Failure(
                .configuration,
                "there is a device \(program.device) that dvpn did not make; remove it")
        }
        if program.foreignScript != nil {
            let gateway = [address, program.host].compactMap(\.self).first {
                Address.parse($0) != nil
            }
            say(try await host.snapshots.take(name, device: program.device, gateway: gateway))
        }
        if Task.isCancelled { throw Self.cancelled }
        let run = ClientRun(
            record: ClientRecord(
                tunnel: name, device: program.device, host: program.host, restMs: program.restMs,
                graceMs: program.graceMs, stopCommand: program.stopCommand,
                environment: command.environment, makesDevice: !isThere),
            host: host)
        self.run = run
        try await run.start(command, program: program)
        return try await becomeReady(
            run, address, answersUntil: command.takesAnswers ? deadline : nil)
    }

    /// A gateway that still has the last session refuses the next one, or mixes them up.
    private func rest() async throws(Failure) {
        let remaining = host.rests.remainingMs(program.place)
        guard remaining > 0 else { return }
        report.yield(
            .note("waits \(remaining) ms for \(program.place) to forget the last session"))
        try? await Task.sleep(for: .milliseconds(remaining))
        if Task.isCancelled { throw Self.cancelled }
    }

    private func gatherSecrets(
        until deadline: ContinuousClock.Instant
    ) async throws(Failure) -> [SecretValue] {
        var values: [SecretValue] = []
        for request in program.secrets {
            let absence = host.secrets.absence(of: request.secret)
            if absence == nil, let value = try host.secrets.read(request) {
                values.append(value)
            } else {
                values.append(try await ask(request, absence, until: deadline))
            }
        }
        return values
    }

    /// - Parameter run: the client that asks, whose end ends the question; nil before there is one.
    private func ask(
        _ request: SecretRequest, _ absence: String? = nil, until deadline: ContinuousClock.Instant,
        for run: ClientRun? = nil
    ) async throws(Failure) -> SecretValue {
        let question = SecretQuestion()
        self.question = question
        defer { self.question = nil }
        let watch = run.map { run in
            Task { if await run.exit(within: answerLimit) != nil { question.end() } }
        }
        defer { watch?.cancel() }
        let missing = absence.map { " (\($0))" } ?? ""
        let wanted = request.purpose + missing + (wish.map { ", because \($0)" } ?? "")
        report.yield(.asks("the \(wanted)"))
        let agents = AgentPrompt(
            id: "dvpn:\(program.device)", prompt: "The \(wanted):",
            watcher: host.watcher)
        let answer = await question.wait(deadline - .now, agents: agents)
        report.yield(.asks(nil))
        if Task.isCancelled { throw Self.cancelled }
        switch answer {
        case .value(let value):
            return value
        case .refused:
            throw Failure(
                .declined, "a person who was asked for the \(request.purpose) refused to give it")
        case nil:
            if let run, let exit = await run.exit(within: .milliseconds(10)) {
                throw program.failure(log: await run.words, exit: exit, wasReady: false)
            }
            throw Failure(
                .timedOut,
                "nobody answered within \(answerLimit.components.seconds) s when asked for "
                    + "the \(request.purpose)\(missing)")
        }
    }

    /// - Parameter deadline: for a person's answers to what the client asks; nil where it asks
    ///   nothing.
    private func becomeReady(
        _ run: ClientRun, _ address: String?, answersUntil deadline: ContinuousClock.Instant?
    ) async throws(Failure) -> TunnelDevice {
        var questions = ClientQuestionWatch()
        var answered: SecretRequest?
        while true {
            if let device = try await readyDevice(run, address: address) { return device }
            if Task.isCancelled { throw Self.cancelled }
            if await run.record.hasLeft {
                try? await Task.sleep(for: .milliseconds(50))
            } else if let exit = await run.exit(within: .milliseconds(10)) {
                guard program.mayLeave && exit == .status(0) else {
                    let failure = program.failure(
                        log: await run.words, exit: exit, wasReady: false)
                    throw answered.map { failure.refusing($0) } ?? failure
                }
                await run.left()
            } else if let deadline {
                let words = await run.words
                guard questions.isSettled(words) else { continue }
                switch program.question(log: words) {
                case .person(let request):
                    await run.answer(try await ask(request, until: deadline, for: run))
                    answered = request
                case .nobody:
                    await run.endAnswers()
                case nil:
                    break
                }
            }
        }
    }

    /// The device when the tunnel is up, nil while it is not.
    func readyDevice(
        _ run: ClientRun, address: String?
    ) async throws(Failure) -> TunnelDevice? {
        switch program.readiness {
        case .report(let needsPidFile):
            if needsPidFile, ((try? AtomicFile.read(paths.pid)) ?? nil)?.isEmpty ?? true {
                return nil
            }
            guard let report = ScriptReport.load(from: paths.report) else { return nil }
            if let sentence = report.failure { throw Failure(.configuration, sentence) }
            guard TunnelDevices.exists(program.device) else { return nil }
            if program.foreignScript != nil {
                try? host.snapshots.learn(name, nameServers: report.device.pushed.nameServers)
            }
            return report.device
        case .condition(let ready):
            let surroundings = ConditionCheck(
                device: program.device, environment: await run.record.environment, host: host)
            guard var device = await surroundings.device(when: ready) else { return nil }
            let outer = address ?? program.host
            device.outerAddress = outer.flatMap { CarrierPath(to: $0) }?.address
            return device
        }
    }
}

extension Failure {
    /// The same after a person's answer: what the gateway refuses is the answer then, since it has
    /// taken what came before it.
    fileprivate func refusing(_ request: SecretRequest) -> Failure {
        guard kind == .authentication else { return self }
        return Failure(kind, "the \(request.purpose) was refused", evidence: evidence)
    }
}
