internal import CLinux
internal import Logging
internal import Protocol

/// Joins the pure parts to the world: demands and counts from the dataplane go into the tunnels'
/// machines, and what these decide is done: clients started and stopped, the dataplane told, the
/// host kept in order.
///
/// A network costs nothing here until somebody wants it: its tunnel is made by the first demand.
actor Supervisor {
    /// What the supervisor works with, made once by `main`.
    struct Parts: Sendable {
        let reader: ConfigReader
        let host: HostExecutor
        let memory: TunnelMemory
        /// Tunnels whose clients an earlier life may have left running.
        let leftRunning: @Sendable () -> Set<String>
        let makeBackend: @Sendable (TunnelSettings) -> any TunnelBackend
        let resolve: @Sendable (_ host: String, _ isIPv4Preferred: Bool) async -> String?
        let system: any HostSystem
        let makeNames:
            @Sendable (
                DNSSettings, _ holdMs: Int,
                _ wanted: @escaping @Sendable (_ network: String, _ name: String) async -> Void
            ) -> NameService
        let numbersPath: String
        let runtimeDirectory: String
        let stateDirectory: String
        let users: HostUsers
        let manager: ServiceManager
        let log: Logger
        /// Of the record of a connection that has ended; nil: there is none.
        var connectionLogLevel: Logger.Level? = .info
        /// Asks whoever has started the dataplane for another one; nil where nobody can be asked.
        var restartDataplane: (@Sendable () throws -> Void)?
        /// What has happened, as the log's handler notes it.
        var events = EventHistory()
    }

    let parts: Parts
    /// What is in force: what is configured, without what is released and with what was pushed.
    var configuration: Configuration
    var releases: Releases
    var isReloading = false
    var reader: ConfigReader
    /// Tells of the map's files.
    let files: FileWatch?
    var numbers: NetworkNumbers
    var table: NetworkTable
    /// Those that somebody has wanted, or that have a lock.
    var tunnels: [TunnelSettings: Tunnel] = [:]
    var link: DataLink?
    /// The dataplane's process while a link is up, how many workers it has, and those that have a
    /// link.
    var dataplane: UInt32?
    var workers = 1
    var linked: Set<Int> = []
    /// Of the table that all workers with a link have; those whose dataplane takes changes of it.
    var generation: UInt64 = 1
    var sentTable: NetworkTable
    var patchable: Set<Int> = []
    var activity = WorkerActivity()
    /// The packets for which networks were dialled, while something waits there.
    var demands: [UInt32: ParkedDemand] = [:]
    /// Requests to the dataplane that wait for an answer.
    var requests = LinkRequests()
    var drains: [TunnelSettings: Drain] = [:]
    /// Accounts that a dial shows to their gateways just now, and whose dial it is.
    var trials: [String: TunnelSettings] = [:]
    /// What has yet to be written down, one after the other.
    var memoryWork: Task<Void, Never>?
    /// What applying the host's plan found.
    var findings: [HostFinding] = []
    /// How the host was attached to the world when it was looked at last.
    var attachment: Attachment?
    /// The host is about to sleep, or sleeps: nobody's packets dial.
    var isAsleep = false
    /// Ends that in any case.
    var sleepLimit: Task<Void, Never>?
    /// What gateways pushed.
    var pushed: PushedStore
    /// Where gateways were found.
    var gateways: GatewayAddresses
    /// What static forwards listen on, and the next try where they could not.
    var forwards: ForwardListeners
    var forwardRetry: Task<Void, Never>?
    /// Tells the resolvers; made for one `[dns]`.
    var names: NameService?
    /// What they were told last, and the telling that is under way.
    var toldZones: ZonePlan?
    var toldHosts = ""
    /// The names of the map's hosts, as a hosts file; empty where nobody needs them.
    var mapHosts = ""
    var areMapHostsStale = true
    var namesWork: Task<Void, Never>?
    var areNamesDirty = false
    /// What connections that have ended carried, by network; only of those that had any.
    var carried: [UInt32: NetworkTraffic] = [:]
    /// How connections have ended.
    var ended: [ConnectionRecord.Result: Int] = [:]
    /// For whoever listens, and how he is woken.
    var pendingNews = NetworkNews()
    var listener: AsyncStream<Void>.Continuation?
    /// Who serves the web page.
    var webListener: AsyncStream<WebSettings?>.Continuation?
    /// For each connection that has ended.
    var connectionLines = LineLimit(perSecond: 200)
    let startedAt = Clock.now()
    /// systemd was told that we are ready, and what else.
    var isServing = false
    var toldStatus = ""
    var isStatusDirty = false
    /// It is linked, and does not answer.
    var isDataplaneSilent = false
    /// How often it has not answered in a row.
    var silentLooks = 0
    /// Why the last reload changed nothing.
    var reloadMistake: String?
    /// Why the host's network could not be put right when others had touched it.
    var hostTrouble: String?
    var repairs = RepairTally()

    init(_ parts: Parts, configuration configured: Configuration) throws {
        self.parts = parts
        reader = parts.reader
        files = FileWatch()
        pushed = PushedStore(stateDirectory: parts.stateDirectory)
        gateways = GatewayAddresses(stateDirectory: parts.stateDirectory)
        forwards = ForwardListeners(runtime: parts.runtimeDirectory)
        releases = Releases(configured, runtime: parts.runtimeDirectory)
        configuration = pushed.extend(releases.rest)
        numbers = NetworkNumbers.load(parts.numbersPath)
        numbers.number(configuration.networks.names, limit: UInt32(Limits.networksMax))
        try numbers.save(parts.numbersPath)
        table = NetworkTable(configuration, numbers)
        sentTable = table
        files?.watch(reader.mapStates)
    }

    /// Brings up what must be there before the first packet: locks, tunnels of an earlier life, the
    /// host's network.
    func start() async throws {
        let running = parts.leftRunning()
        var adopted: [Tunnel] = []
        for key in await rememberedTunnels(running) {
            let isRemembered = await parts.memory.knows(key, of: networkNames(key))
            guard isRemembered || running.contains(key.name) else { continue }
            let tunnel = await makeTunnel(key)
            if await tunnel.backend.adopt() {
                record(tunnel, .notice, .adopted, "adopted a tunnel that was up")
                // Where it goes to, not where its gateway's name leads by now: names have several
                // addresses, and change them.
                tunnel.address = lastGood(key)
                if tunnel.address == nil { tunnel.address = await address(of: key) }
                await notePath(tunnel)
                adopted.append(tunnel)
            } else if let refusal = await tunnel.backend.takeRefusal() {
                feed(.failed(refusal), to: tunnel)
            }
        }
        try await applyHost()
        // A tunnel with a device gets its routes now, which must have a table to go to.
        for tunnel in adopted { feed(.adopted, to: tunnel) }
        // Those of an earlier life whose tunnels are not taken over must lead nowhere any more.
        for key in Set(table.members.devices).subtracting(adopted.map(\.key)) {
            if let device = key.device { try? await parts.host.closeTunnel(device) }
        }
        openForwards()
        await startNames()
        attachment = try? await Attachment.take(parts.system)
    }

    /// Those of which something may be remembered, among which all are that are to be found.
    private func rememberedTunnels(_ running: Set<String>) async -> Set<TunnelSettings> {
        let (tunnels, networks) = await parts.memory.remembered
        let down = networks.compactMap { table.id(of: $0).flatMap { table.tunnel(of: $0) } }
        return configuration.networks.tunnels(to: TunnelSettings.hosts(in: running.union(tunnels)))
            .union(down)
    }

    func setLink(_ link: DataLink) { self.link = link }

    /// Makes the host's network as the configuration wants it.
    func applyHost() async throws {
        accept(
            try await parts.host.apply(
                table.hostInput(users: parts.users, gateways: gatewayAddresses)))
    }

    /// The same where only the configuration is another one.
    func changeHost() async throws {
        accept(
            try await parts.host.change(
                table.hostInput(users: parts.users, gateways: gatewayAddresses)))
    }

    /// Others touched what is ours, and it was put back, or could not be.
    func hostChanged(_ event: HostKeeper.Event) {
        switch event {
        case .repaired(let broken, let report):
            for finding in broken {
                parts.log.record(.warning, .hostRepaired, "host: \(finding.line)")
            }
            accept(report)
            if repairs.add(at: Clock.now()) { noteFight(broken) }
        case .failed(let error):
            parts.log.record(.error, .hostFailed, "host: \(error)")
            hostTrouble = "\(error)"
        }
        statusChanged()
    }

    private func accept(_ report: HostReport) {
        hostTrouble = nil
        for change in report.changes { parts.log.notice("host: \(change)") }
        for finding in report.findings where !findings.contains(finding) {
            parts.log.warning("host: \(finding.line)")
        }
        if report.findings != findings { note { $0.isHealthNew = true } }
        findings = report.findings
        guard report.isDeviceNew else { return }
        // A doorbell that was made anew needs a new queue, and has lost what hung on it.
        link?.restart()
        if let names { Task { await names.deviceChanged() } }
    }

    // MARK: - Tunnels

    /// The tunnel of a network, made if need be; nil where the network needs none.
    func tunnel(of network: UInt32) async -> Tunnel? {
        guard let key = table.tunnel(of: network) else { return nil }
        if let tunnel = tunnels[key] { return tunnel }
        return await makeTunnel(key)
    }

    func networkNames(_ key: TunnelSettings) -> [String] {
        (table.members[key] ?? []).compactMap { table.network($0)?.name }
    }

    /// The tunnel's networks, for messages.
    func title(_ tunnel: Tunnel) -> String {
        let names = networkNames(tunnel.key)
        return names.isEmpty ? tunnel.key.name : names.joined(separator: ", ")
    }

    /// Writes about a tunnel's networks.
    func record(
        _ tunnel: Tunnel, _ level: Logger.Level, _ event: JournalEvent?, _ text: String,
        _ fields: [LogField: any LogValue] = [:]
    ) {
        var fields = fields
        fields[.network] = networkNames(tunnel.key)
        parts.log.record(level, event, "network \(title(tunnel)): \(text)", fields)
    }

    /// What a tunnel's client prints, so many lines a second.
    private func relay(
        _ lines: [String], of program: String, _ unit: ClientUnit?, _ tunnel: Tunnel
    ) {
        var fields: [LogField: any LogValue] = [.program: program]
        if let unit { fields[.unit] = unit.rawValue }
        for line in lines {
            let (isAllowed, leftOut) = tunnel.clientLines.take(at: Clock.now())
            if leftOut > 0 {
                record(
                    tunnel, .info, .clientSaid,
                    "\(program) said \(leftOut) more lines that are not in the log",
                    fields.merging([.count: leftOut]) { $1 })
            }
            if isAllowed {
                record(
                    tunnel, .info, .clientSaid, "\(program): \(line.prefix(1_000))",
                    fields)
            }
        }
    }

    private func makeTunnel(_ key: TunnelSettings) async -> Tunnel {
        let backend = parts.makeBackend(key)
        await memoryWork?.value
        let memory = await parts.memory.recall(
            key, of: networkNames(key), backend.credentialFingerprint())
        // Another task may have made it while this one waited.
        if let tunnel = tunnels[key] { return tunnel }
        let machine = TunnelMachine(
            timing: Self.timing(key), lock: memory.lock, heldDown: memory.heldDown)
        let tunnel = Tunnel(
            key: key, machine: machine, backend: backend, since: Clock.now())
        tunnels[key] = tunnel
        let events = backend.events
        tunnel.listener = Task { [weak self] in
            for await event in events { await self?.backendSaid(event, key) }
        }
        return tunnel
    }

    private static func timing(_ key: TunnelSettings) -> TunnelMachine.Timing {
        var timing = TunnelMachine.Timing(idleMs: key.idleMs.map(Int64.init))
        // A person needs longer than a gateway.
        if let promptMs = key.promptMs { timing.dialMs = Int64(promptMs + ConfigDefaults.dialMs) }
        return timing
    }

    /// Gives a machine an event and does what it decides.
    func feed(_ event: TunnelMachine.Event, to tunnel: Tunnel) {
        switch event {
        case .failed(let failure):
            tunnel.lastFailure = (failure, Clock.now())
            tunnel.hasFailed = true
        case .ended(let failure?): tunnel.lastFailure = (failure, Clock.now())
        default: break
        }
        let (before, now) = (tunnel.machine.state, cl_boottime_ms())
        let actions = tunnel.machine.on(event, now: now, jitter: Double.random(in: 0...1))
        tunnel.tally.step(from: before, to: tunnel.machine.state, on: event, now: now)
        for action in actions { perform(action, for: tunnel) }
        endTrial(tunnel)
    }

    private func perform(_ action: TunnelMachine.Action, for tunnel: Tunnel) {
        switch action {
        case .publish(let state):
            if tunnel.key.device == nil { publish(tunnel) } else { publishPackets(tunnel, state) }
            namesChanged()
        case .start(let attempt):
            Task { await start(tunnel.key, attempt: attempt) }
        case .stop:
            Task { await stop(tunnel.key) }
        case .requestDrain(let token):
            if tunnel.key.device == nil {
                requestDrain(tunnel, token)
            } else {
                drainPackets(tunnel, token)
            }
        case .arm(let instant):
            arm(tunnel, at: instant)
        case .disarm:
            tunnel.timer?.cancel()
            tunnel.timer = nil
        case .persistLock(let failure):
            lockAccount(of: tunnel, failure)
        case .clearLock:
            unlockAccount(of: tunnel)
        case .persistHeldDown(let isDown):
            let networks = networkNames(tunnel.key)
            remember(tunnel) { memory, _, _ in try await memory.setHeld(networks, isDown) }
        case .log(let transition):
            tunnel.since = Clock.now()
            tunnel.reason = transition.reason
            statusChanged()
            let names = networkNames(tunnel.key)
            parts.log.record(
                .notice, JournalEvent(state: transition.target),
                "network \(title(tunnel)): \(transition.source) → \(transition.target): \(transition.reason)",
                [
                    .network: names, .tunnel: tunnel.key.name, .stateBefore: transition.source,
                    .state: transition.target, .cause: transition.reason,
                ])
            note {
                $0.note(
                    .init(
                        networks: names, source: transition.source, target: transition.target,
                        cause: transition.reason))
            }
        }
    }

    private func arm(_ tunnel: Tunnel, at instant: TunnelMachine.Instant) {
        tunnel.timer?.cancel()
        let key = tunnel.key
        let delay = max(0, instant - cl_boottime_ms())
        tunnel.timer = Task { [weak self] in
            guard (try? await Task.sleep(for: .milliseconds(delay), clock: .continuous)) != nil
            else {
                return
            }
            await self?.deadline(key)
        }
    }

    private func deadline(_ key: TunnelSettings) {
        if let tunnel = tunnels[key] { feed(.deadline, to: tunnel) }
    }

    private func start(_ key: TunnelSettings, attempt: Int) async {
        guard let tunnel = tunnels[key], await beginTrial(tunnel, attempt) else { return }
        tunnel.address = await address(of: key)
        await pinGateways()
        await notePath(tunnel)
        // A stop, another dial or a reload may have overtaken the look-up.
        guard tunnels[key] === tunnel, case .dialling(attempt, _) = tunnel.machine.state else {
            return
        }
        if let wish = tunnel.wish { await tunnel.backend.wanted(by: wish) }
        await tunnel.backend.start(attempt: attempt, address: tunnel.address)
    }

    /// Where the tunnel goes to, if that is known beforehand.
    private func address(of key: TunnelSettings) async -> String? {
        guard let host = key.host else { return nil }
        return await parts.resolve(host, key.isIPv4Only) ?? lastGood(key)
    }

    private func lastGood(_ key: TunnelSettings) -> String? {
        guard let host = key.host, let address = gateways.lastGood[host] else { return nil }
        // A tunnel of another kind may have found it.
        return key.isIPv4Only && address.contains(":") ? nil : address
    }

    /// The tunnel stands: its gateway's address is worth remembering.
    private func rememberGateway(_ tunnel: Tunnel) {
        guard let host = tunnel.key.host, let address = tunnel.address else { return }
        do {
            try gateways.worked(address, for: host)
        } catch {
            record(tunnel, .error, nil, "its gateway's address is not remembered: \(error)")
        }
    }

    private func stop(_ key: TunnelSettings) async {
        guard let tunnel = tunnels[key] else { return }
        // What is to be remembered is written before the client's own words of it are removed.
        await memoryWork?.value
        await tunnel.backend.stop()
        if let refusal = await tunnel.backend.takeRefusal() { feed(.failed(refusal), to: tunnel) }
        tunnel.address = nil
        tunnel.outerPath = nil
        tunnel.device = nil
        tunnel.keptUpBy = nil
        await pinGateways()
        feed(.cleaned, to: tunnel)
    }

    /// The addresses that tunnels go to now, as prefixes of full length.
    private var gatewayAddresses: Set<Prefix> {
        Set(
            tunnels.values.compactMap { tunnel in
                tunnel.address.flatMap { Address.parse($0) }.map { address, family in
                    Prefix(family: family, length: family.bits, address: address)
                }
            })
    }

    func pinGateways() async {
        do {
            try await parts.host.setGateways(gatewayAddresses)
        } catch {
            parts.log.record(.error, .hostFailed, "host: \(error)")
        }
    }

    private func backendSaid(_ event: TunnelEvent, _ key: TunnelSettings) async {
        guard let tunnel = tunnels[key] else { return }
        switch event {
        case .endpointAdded(let id, let endpoint, let capacity):
            tunnel.endpoints[id] = (endpoint, capacity)
            announce(id, of: tunnel)
        case .endpointRemoved(let id):
            tunnel.endpoints[id] = nil
            withdraw(id, of: tunnel)
        case .deviceUp(let device):
            await deviceUp(device, tunnel)
        case .ready:
            guard await proved(tunnel) else {
                let text =
                    "the tunnel is there, and the address to probe does not answer through it"
                return feed(.failed(Failure(.timedOut, text)), to: tunnel)
            }
            rememberGateway(tunnel)
            tunnel.refusal = nil
            tunnel.hasFailed = false
            feed(.ready, to: tunnel)
        case .asks(let prompt):
            tunnel.prompt = prompt
            if let prompt { record(tunnel, .notice, .asks, "asks: \(prompt)") }
        case .failed(let failure):
            feed(.failed(failure), to: tunnel)
        case .ended(let failure):
            feed(.ended(failure), to: tunnel)
        case .refusedByGateway(let reasons):
            let word = reasons.keys.first { TunnelSymptom(refusal: $0) != nil }
            if let word { tunnel.refusal = word }
            for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) {
                record(
                    tunnel, .info, .refusedByGateway,
                    "the gateway refused \(count) connections: \(reason)",
                    [.count: count, .cause: reason])
            }
        case .note(let text):
            record(tunnel, .notice, nil, text)
        case .said(let program, let unit, let lines):
            relay(lines, of: program, unit, tunnel)
        }
    }
}
