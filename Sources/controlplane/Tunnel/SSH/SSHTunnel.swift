internal import CLinux

/// A tunnel through ssh: one master or several to the same gateway.
///
/// Decides nothing itself: `FleetPlan` says which masters are needed, and this starts and ends
/// them and passes on what happens.
actor SSHTunnel: TunnelBackend {
    nonisolated let events: AsyncStream<TunnelEvent>
    private let report: AsyncStream<TunnelEvent>.Continuation
    private let settings: SSHSettings
    private let host: SSHHost
    private var plan: FleetPlan
    private var masters: [UInt32: Member] = [:]
    private var address: String?
    private var census: Task<Void, Never>?
    private var refusal: Failure?

    /// A master of this tunnel, and what goes on with it.
    private struct Member {
        let master: SSHMaster
        let life: Task<Void, Never>
        /// Where it listens; nil until it is ready.
        var endpoint: LocalEndpoint?
    }

    init(settings: SSHSettings, host: SSHHost) {
        self.settings = settings
        self.host = host
        plan = FleetPlan(
            capacity: max(1, settings.connectionsPerMaster),
            mastersMax: max(1, settings.mastersMax),
            idleMs: settings.idleMs, isSingleUse: settings.isPerConnection ?? false)
        (events, report) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    deinit { report.finish() }

    func start(attempt: Int, address: String?) {
        self.address = address
        refusal = nil
        perform(plan.start())
    }

    func stop() async {
        let wasUp = plan.isUp
        census?.cancel()
        census = nil
        for action in plan.stop() {
            if case .withdraw(let id) = action { report.yield(.endpointRemoved(id: id)) }
        }
        let ending = masters.values
        masters = [:]
        await withTaskGroup { group in
            for member in ending {
                group.addTask {
                    member.life.cancel()
                    await member.master.stop()
                    // A dial that was under way ends its process itself before it returns.
                    await member.life.value
                }
            }
        }
        if wasUp { report.yield(.ended(nil)) }
    }

    func needCapacity(queued: Int, by worker: WorkerPart) {
        // One that has just been taken is none that can be had.
        if plan.isSingleUse { perform(plan.occupied(counts(), now: Self.now())) }
        perform(plan.needCapacity(queued: queued, now: Self.now(), by: worker))
    }

    func endpointFailed(id: UInt32) async {
        await masters[id]?.master.examine()
    }

    func refusals() async -> [String: Int] {
        var found: [String: Int] = [:]
        for member in masters.values {
            found.merge(await member.master.refusals()) { $0 + $1 }
        }
        return found
    }

    func adopt() async -> Bool {
        let records = host.records().filter { $0.tunnel == settings.name }
        for record in records.sorted(by: { $0.id < $1.id }) {
            plan.reserve(through: record.id)
            let master = makeMaster(record.id)
            guard let endpoint = await master.adopt(record) else {
                refusal = await master.refusal ?? refusal
                continue
            }
            let life = Task { [weak self] in
                guard let self else { return }
                await self.outlive(master)
            }
            masters[record.id] = Member(master: master, life: life, endpoint: endpoint)
            perform(plan.adopt(id: record.id))
        }
        return plan.isUp
    }

    func takeRefusal() -> Failure? {
        defer { refusal = nil }
        return refusal
    }

    func credentialFingerprint() -> CredentialFingerprint {
        CredentialFiles.fingerprint([settings.identity, settings.knownHosts])
    }

    // MARK: - The masters' lives

    private func perform(_ actions: [FleetPlan.Action]) {
        for action in actions {
            switch action {
            case .start(let id):
                let master = makeMaster(id)
                masters[id] = Member(master: master, life: Task { await self.live(master) })
            case .announce(let id):
                guard let endpoint = masters[id]?.endpoint else {
                    preconditionFailure("master \(id) is announced before it is ready")
                }
                report.yield(.endpointAdded(id: id, endpoint, capacity: plan.capacity(of: id)))
            case .withdraw(let id):
                report.yield(.endpointRemoved(id: id))
            case .stop(let id):
                guard let member = masters.removeValue(forKey: id) else { continue }
                Task {
                    await member.master.stop()
                    member.life.cancel()
                }
            case .ready:
                report.yield(.ready)
            case .failed(let failure):
                report.yield(.failed(failure))
            case .ended(let failure):
                report.yield(.ended(failure))
            case .note(let sentence):
                report.yield(.note(sentence))
            }
        }
        watchOccupancy()
    }

    private func makeMaster(_ id: UInt32) -> SSHMaster {
        SSHMaster(settings: settings, host: host, id: id) { [weak self] in
            await self?.anyMaster()
        } report: { [report, weak self] news in
            switch news {
            case .refused(let reason): report.yield(.refusedByGateway([reason: 1]))
            case .said(let lines): report.yield(.said(program: "ssh", unit: nil, lines))
            case .full(let sessions): Task { await self?.full(id, sessions: sessions) }
            }
        }
    }

    private func full(_ id: UInt32, sessions: Int) {
        perform(plan.full(id, sessions: sessions, now: Self.now()))
    }

    /// One that is ready, whichever.
    private func anyMaster() -> SSHPaths? {
        masters.values.filter { $0.endpoint != nil }.randomElement()?.master.paths
    }

    private func live(_ master: SSHMaster) async {
        let id = master.paths.id
        do throws(Failure) {
            let endpoint = try await master.start(address: address)
            guard !Task.isCancelled else { return }
            masters[id]?.endpoint = endpoint
        } catch {
            let words = await master.lastWords()
            if !words.isEmpty {
                report.yield(.said(program: "ssh", unit: master.unit, words))
            }
            finished(master, error)
            return
        }
        perform(plan.started(id))
        // Beside the tunnel's life, not before it: the first connection need not wait for this.
        Task { [report] in
            if let note = await master.awakenServer() { report.yield(.note(note)) }
        }
        await outlive(master)
    }

    private func outlive(_ master: SSHMaster) async {
        let failure = await master.end { [report] counts in
            report.yield(.refusedByGateway(counts))
        } said: { [report] lines in
            report.yield(.said(program: "ssh", unit: master.unit, lines))
        }
        if let failure { finished(master, failure) }
    }

    private func finished(_ master: SSHMaster, _ failure: Failure) {
        let id = master.paths.id
        // A master that `stop` took out of the book has nothing to report any more, but a refusal.
        guard masters[id]?.master === master else {
            if failure.locks { refusal = failure }
            return
        }
        masters[id] = nil
        perform(
            plan.ended(id, failure, now: Self.now(), jitter: Double.random(in: 0...1)))
    }

    // MARK: - Further masters go when they are empty

    /// How many masters may be there before anybody looks.
    private var unwatchedMax: Int { plan.isSingleUse ? 0 : 1 }

    /// Looks at the sockets every few seconds while there is more than one master; more often where
    /// each has one connection.
    private func watchOccupancy() {
        guard plan.slots.count > unwatchedMax, census == nil else { return }
        let pause = plan.isSingleUse ? Duration.milliseconds(200) : .seconds(2)
        census = Task { [weak self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: pause)
                guard let self, await self.takeCensus() else { return }
            }
        }
    }

    /// False when there is nothing left to count.
    private func takeCensus() -> Bool {
        guard plan.slots.count > unwatchedMax else {
            census = nil
            return false
        }
        perform(plan.occupied(counts(), now: Self.now()))
        return true
    }

    /// Connections at each master's endpoint.
    private func counts() -> [UInt32: Int] {
        var counts: [UInt32: Int] = [:]
        let endpoints = masters.compactMapValues(\.endpoint)
        if let sockets = try? ProcessFiles.text("/proc/net/unix") {
            counts = SSHOccupancy.count(procNetUnix: sockets, endpoints)
        }
        if endpoints.values.contains(where: { $0.port != nil }),
            let sockets = try? ProcessFiles.text("/proc/net/tcp")
        {
            counts.merge(SSHOccupancy.count(procNetTCP: sockets, endpoints)) { one, _ in one }
        }
        return counts
    }

    /// Milliseconds since boot, sleep included.
    private static func now() -> Int64 {
        cl_boottime_ms()
    }
}
