internal import CLinux
internal import Logging
internal import Protocol

/// What the dataplane is told and what it says.
extension Supervisor {
    func linkSaid(_ event: LinkEvent) async {
        switch event {
        case .connected(let hello):
            connected(hello)
        case .disconnected(let worker, let reason):
            linked.remove(worker)
            if linked.isEmpty { dataplane = nil }
            statusChanged()
            requests.lost(worker)
            parts.log.record(
                .warning, .linkDown,
                "the link to worker \(worker) of the dataplane is gone: \(reason)",
                [.cause: "\(reason)"])
            note { $0.isHealthNew = true }
        case .nobody:
            listen(in: nil)
        case .message(let message, let request, let worker):
            if request != 0 {
                answered(request, message, worker)
            } else {
                await dataplaneSaid(message, worker)
            }
        }
    }

    private func connected(_ hello: DataplaneHello) {
        let worker = Int(hello.worker)
        if dataplane != hello.pid {
            for worker in linked { requests.lost(worker) }
            linked = []
            for id in activity.networks { noteChange(of: id) }
            activity = WorkerActivity()
        }
        requests.lost(worker)
        dataplane = hello.pid
        workers = Int(hello.workers)
        linked.insert(worker)
        if hello.features & Limits.featurePatches != 0 {
            patchable.insert(worker)
        } else {
            patchable.remove(worker)
        }
        isDataplaneSilent = false
        statusChanged()
        listen(in: hello.listening)
        parts.log.record(
            .notice, .linkUp,
            "linked to worker \(worker) of \(workers) of the dataplane, process \(hello.pid)")
        note { $0.isHealthNew = true }
        // It tells what goes on; what it said before is no longer true.
        for id in activity.networks { noteChange(of: id) }
        activity.forget(worker)
        for tunnel in tunnels.values { feedActivity(to: tunnel) }
        sendEverything(to: worker)
        if isLinked { Memory.trim() }
    }

    /// True while every worker of the dataplane has a link.
    var isLinked: Bool { dataplane != nil && linked.count == workers }

    /// The table, and the state of every network that is not simply idle: to every worker, or to one.
    func sendEverything(to worker: Int? = nil) {
        post(table.messages(generation: generation), to: worker)
        post(table.direct.map { Self.state($0, .up) }, to: worker)
        for tunnel in tunnels.values {
            for id in tunnel.endpoints.keys { announce(id, of: tunnel, to: worker) }
            publish(tunnel, to: worker)
            // It may have ended while there was no link.
            if tunnel.key.device != nil && tunnel.machine.dataState != .up {
                post(Self.loss(table.members[tunnel.key] ?? []), to: worker)
            }
        }
        postAllForwards(to: worker)
    }

    /// Another table than the one that was sent: what is other in it, where that is enough.
    func sendTable() {
        let (old, base) = (sentTable, generation)
        sentTable = table
        generation += 1
        let diff = ConfigDiff(from: old.configuration, to: table.configuration)
        guard linked.isSubset(of: patchable),
            let patch = table.messages(generation: generation, from: old, base: base, diff)
        else { return post(table.messages(generation: generation)) }
        // Nothing has come to a worker that has a link for this moment only.
        for worker in linked { post(patch, to: worker) }
    }

    private func dataplaneSaid(_ message: Message, _ worker: Int) async {
        switch message {
        case .demand(let demand):
            let cause = DemandText.cause(demand)
            noteDemand(demand.network, cause)
            guard let tunnel = await tunnel(of: demand.network) else { return }
            // Nobody else reads it, and few dials ask.
            let name =
                tunnel.key.promptMs == nil ? nil : await names?.name(of: demand.target.address)
            demanded(tunnel, by: cause, DemandText.wish(demand, name))
        case .activity(let activity):
            count(activity, worker)
        case .capacity(let capacity):
            guard let tunnel = await tunnel(of: capacity.network) else { return }
            await tunnel.backend.needCapacity(
                queued: Int(capacity.queued),
                by: WorkerPart(index: worker, count: max(1, workers)))
        case .endpointFailed(let failed):
            let name = table.network(failed.network)?.name ?? "\(failed.network)"
            let text =
                "its ssh master \(failed.endpoint) does not answer on its local socket; it is ended "
                + "unless it does when asked again"
            parts.log.record(
                .warning, .endpointFailed, "network \(name): \(text)", [.network: name])
            guard let tunnel = await tunnel(of: failed.network) else { return }
            // Not awaited: a master that hangs must not keep the other networks' demands waiting.
            let backend = tunnel.backend
            Task { await backend.endpointFailed(id: failed.endpoint) }
        case .connection(let record):
            logRecord(record)
        default:
            parts.log.debug("the dataplane said \(message)")
        }
    }

    private func count(_ activity: Activity, _ worker: Int) {
        let counts = NetworkActivity(
            open: Int(activity.open), opening: Int(activity.opening), parked: Int(activity.parked))
        self.activity.set(activity.network, counts, by: worker)
        if self.activity[activity.network].parked == 0 { endDemand(activity.network) }
        defer { noteChange(of: activity.network) }
        guard let key = table.tunnel(of: activity.network) else { return }
        guard let tunnel = tunnels[key] else {
            // A dataplane that is older than this process may take a network for up that is not.
            post([Self.state(activity.network, .idle)])
            if key.device != nil { post(Self.loss([activity.network])) }
            return
        }
        feedActivity(to: tunnel)
    }

    private func feedActivity(to tunnel: Tunnel) {
        let load = load(of: tunnel)
        tunnel.answers.count(load, now: cl_boottime_ms())
        feed(.activity(open: load.open, opening: load.opening, parked: load.parked), to: tunnel)
    }

    /// The sum over a tunnel's networks.
    func load(of tunnel: Tunnel) -> NetworkActivity {
        (table.members[tunnel.key] ?? []).reduce(into: NetworkActivity()) { sum, id in
            sum += activity[id]
        }
    }

    private func logRecord(_ record: ConnectionRecord) {
        guard record.phase == .closed else { return }
        carried[record.network, default: NetworkTraffic()] += record.traffic
        ended[record.result, default: 0] += 1
        // The far side answered: what the gateway refused earlier is over.
        if record.bytesIn > 0, let key = table.tunnel(of: record.network) {
            tunnels[key]?.refusal = nil
        }
        if record.bytesIn > 0 || record.result == .refused,
            let key = table.tunnel(of: record.network)
        {
            tunnels[key]?.answers.answered(now: cl_boottime_ms())
        }
        guard let level = parts.connectionLogLevel, level >= parts.log.logLevel else { return }
        let (isAllowed, leftOut) = connectionLines.take(at: Clock.now())
        if leftOut > 0 {
            parts.log.record(
                level, .connectionsLeftOut,
                "\(leftOut) more connections ended that are not in the log: too many a second",
                [.count: leftOut])
        }
        guard isAllowed else { return }
        let name = table.network(record.network)?.name ?? "\(record.network)"
        let (source, target) = (DemandText.end(record.source), DemandText.end(record.target))
        parts.log.record(
            level, .connectionEnded,
            """
            connection \(source) → \(target) network=\(name) \
            result=\(record.result) connect_ms=\(record.connectMicros / 1_000) \
            duration_ms=\(record.ageMillis) bytes_in=\(record.bytesIn) bytes_out=\(record.bytesOut)
            """,
            [
                .network: name, .source: source, .destination: target,
                .result: "\(record.result)", .connectMs: record.connectMicros / 1_000,
                .durationMs: record.ageMillis, .bytesIn: record.bytesIn,
                .bytesOut: record.bytesOut,
            ])
    }

    // MARK: - Telling

    /// Tells the dataplane, or one worker, how a tunnel's networks fare now.
    func publish(_ tunnel: Tunnel, to worker: Int? = nil) {
        let (state, cause) = Self.wire(tunnel.dataState)
        let messages = (table.members[tunnel.key] ?? []).map {
            Message.networkState(NetworkState(network: $0, state: state, cause: cause))
        }
        post(messages, to: worker)
    }

    func announce(_ endpoint: UInt32, of tunnel: Tunnel, to worker: Int? = nil) {
        guard let (local, capacity) = tunnel.endpoints[endpoint], let socket = local.wire else {
            return
        }
        post(
            (table.members[tunnel.key] ?? []).map {
                .endpoint(
                    EndpointUpdate(
                        network: $0, endpoint: endpoint, action: .add, capacity: UInt32(capacity),
                        socket: socket))
            }, to: worker)
    }

    func withdraw(_ endpoint: UInt32, of tunnel: Tunnel) {
        post((table.members[tunnel.key] ?? []).map { Self.removal(of: endpoint, from: $0) })
    }

    static func removal(of endpoint: UInt32, from network: UInt32) -> Message {
        .endpoint(
            EndpointUpdate(
                network: network, endpoint: endpoint, action: .remove, capacity: 0,
                socket: .path(SocketPath())))
    }

    /// Asks the dataplane to park what is new in the tunnel's networks and to count what is open:
    /// only then may an idle tunnel end, since a connection may be on its way right now.
    func requestDrain(_ tunnel: Tunnel, _ token: UInt64) {
        let members = table.members[tunnel.key] ?? []
        // A worker without a link does not answer: the machine's own deadline ends the wait.
        guard isLinked else { return }
        drains[tunnel.key] = Drain(token: token, left: members.count)
        for id in members {
            post(
                [Self.state(id, .idle)],
                request: requests.add(.drain(tunnel.key, token: token), of: linked))
        }
    }

    private func drained(_ key: TunnelSettings, _ token: UInt64, _ answer: Message) {
        guard var drain = drains[key], drain.token == token else { return }
        if case .reply(let reply) = answer { drain.open += Int(reply.value) }
        drain.left -= 1
        drains[key] = drain.left > 0 ? drain : nil
        guard drain.left == 0, let tunnel = tunnels[key] else { return }
        guard key.device == nil else { return drainedPackets(tunnel, token, open: drain.open) }
        feed(.drained(token: token, open: drain.open), to: tunnel)
    }

    private func answered(_ request: UInt32, _ answer: Message, _ worker: Int) {
        guard let (waiter, answer) = requests.answered(request, answer, by: worker) else { return }
        switch waiter {
        case .collector(let continuation):
            continuation.yield(answer)
            if case .connection = answer { break }
            continuation.finish()
        case .drain(let key, let token):
            drained(key, token, answer)
        }
    }

    /// Queues messages in the order of the calls, for every worker or for one.
    func post(_ messages: [Message], request: UInt32 = 0, to worker: Int? = nil) {
        guard dataplane != nil, let link else { return }
        link.post(messages, request: request, to: worker)
    }

    static func state(_ network: UInt32, _ state: NetworkState.State) -> Message {
        .networkState(NetworkState(network: network, state: state, cause: .none))
    }

    static func wire(_ state: TunnelMachine.DataState) -> (NetworkState.State, NetworkState.Cause) {
        switch state {
        case .idle: (.idle, .none)
        case .dialling: (.dialling, .none)
        case .up: (.up, .none)
        case .refusing: (.refusing, .unreachable)
        }
    }
}
