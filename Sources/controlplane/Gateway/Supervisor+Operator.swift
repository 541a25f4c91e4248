internal import FoundationEssentials
internal import Protocol
internal import Reports

/// What a person, or a program in a person's name, can see and do.
extension Supervisor: Operator {
    nonisolated var events: EventHistory { parts.events }

    func status(limit: Int?) async -> StatusReport {
        let counters = await statistics()
        let users = await openConnections()
        return StatusReport(
            pid: Int(ProcessInfo.processInfo.processIdentifier), since: Self.date(startedAt),
            dataplane: StatusReport.Dataplane(
                connected: isLinked, pid: dataplane.map(Int.init), counters: counters),
            selection: selection(limit) { report($0, users) }, health: await health())
    }

    func network(_ name: String) async throws(OperatorError) -> NetworkReport {
        if let released = releases.network(name) { return releasedReport(released) }
        guard let id = table.id(of: name) else { throw .unknownNetwork(name) }
        let records = await records(of: id)
        // A reload may have removed it meanwhile.
        guard let network = table.network(id), network.name == name else {
            throw .unknownNetwork(name)
        }
        return report(network, users(records), traffic(records))
    }

    func networks(limit: Int?) async -> [NetworkReport] {
        let records = activity.isAnyOpen ? await records() : []
        let (users, traffic) = (users(records), traffic(records))
        return selection(limit) { report($0, users, traffic) }.networks
    }

    /// The same of some; names without a network are left out.
    func reports(of names: [String]) async -> [NetworkReport] {
        let records = activity.isAnyOpen ? await records() : []
        let (users, traffic) = (users(records), traffic(records))
        return names.compactMap { name in
            if let released = releases.network(name) { return releasedReport(released) }
            return table.id(of: name).flatMap { table.network($0) }
                .map { report($0, users, traffic) }
        }
    }

    func summaries(of names: [String]?) -> [NetworkReport] {
        guard let names else { return everyNetwork { report($0, [:]) } }
        return names.compactMap { name in
            if let released = releases.network(name) { return releasedReport(released) }
            return table.id(of: name).flatMap { table.network($0) }.map { report($0, [:]) }
        }
    }

    func up(_ name: String) async throws(OperatorError) -> NetworkReport {
        let tunnel = try await tunnel(called: name)
        if let failure = tunnel.machine.state.failure, tunnel.machine.state.name == "locked" {
            throw OperatorError(
                .locked, "network \(name) is locked: \(failure.message)",
                fix: "mend the cause, then: dvpnctl unlock \(name)")
        }
        let key = tunnel.key
        if !tunnel.machine.state.isDialling { tunnel.wish = "an operator wants \(name)" }
        feed(.operatorUp, to: tunnel)
        return try await settled(key, name)
    }

    func down(_ name: String) async throws(OperatorError) -> NetworkReport {
        let tunnel = try await tunnel(called: name)
        feed(.operatorDown, to: tunnel)
        // It is held down from now on, also where nothing was to be closed.
        for id in table.members[tunnel.key] ?? [] { noteChange(of: id) }
        return try report(called: name)
    }

    func unlock(_ name: String) async throws(OperatorError) -> NetworkReport {
        let tunnel = try await tunnel(called: name)
        guard tunnel.machine.state.name == "locked" else {
            throw OperatorError(.notLocked, "network \(name) is not locked")
        }
        feed(.unlock, to: tunnel)
        return try report(called: name)
    }

    func provide(_ secret: String, to name: String) async throws(OperatorError) -> NetworkReport {
        let tunnel = try await tunnel(called: name)
        guard tunnel.prompt != nil else {
            throw OperatorError(.notAsked, "network \(name) asks for nothing now")
        }
        guard !secret.isEmpty else {
            throw OperatorError(.badRequest, "the body is empty: the secret was to be there")
        }
        tunnel.prompt = nil
        await tunnel.backend.provide(secret)
        return try await settled(tunnel.key, name)
    }

    func refuse(_ name: String) async throws(OperatorError) -> NetworkReport {
        let tunnel = try await tunnel(called: name)
        guard tunnel.prompt != nil else {
            throw OperatorError(.notAsked, "network \(name) asks for nothing now")
        }
        tunnel.prompt = nil
        await tunnel.backend.refuse()
        // What it leads to is what was meant.
        _ = try? await settled(tunnel.key, name)
        return try report(called: name)
    }

    func connections(network name: String?) async throws(OperatorError) -> [ConnectionReport] {
        var wanted = Limits.networkAll
        if let name {
            if releases.network(name) != nil { return [] }
            guard let id = table.id(of: name) else { throw .unknownNetwork(name) }
            wanted = id
        }
        guard isLinked else {
            throw OperatorError(
                .unavailable, "the dataplane is not connected",
                fix: "start dvpn-dataplane, or look at its log for why it ended")
        }
        return await records(of: wanted).map(report)
    }

    func kill(connection id: String) async throws(OperatorError) -> ConnectionReport {
        let unknown = OperatorError(
            .unknownConnection, "there is no connection \(id.prefix(40))",
            fix: "`dvpnctl connections` lists them")
        let found = try await connections(network: nil).first { $0.id == id }
        guard let found, let number = UInt64(id, radix: 16) else { throw unknown }
        // Its worker's number is in it (ConnectionRecord.id).
        let worker = Int(number >> 24 & 0xff)
        let answers = await ask(.kill(Kill(connection: number)), of: [worker])
        guard case .reply(let reply)? = answers.first, reply.status == .ok else { throw unknown }
        return found
    }

    // MARK: - Asking

    private func tunnel(called name: String) async throws(OperatorError) -> Tunnel {
        if releases.network(name) != nil {
            throw OperatorError(
                .released, "network \(name) is released: nothing of it is dvpn's now",
                fix: "dvpnctl resume \(name)")
        }
        guard let id = table.id(of: name) else { throw .unknownNetwork(name) }
        guard let tunnel = await tunnel(of: id) else {
            throw OperatorError(
                .noTunnel, "network \(name) has no tunnel: it is reached by the host's own routes")
        }
        return tunnel
    }

    /// Waits until a dial has come to something, or to a question.
    private func settled(_ key: TunnelSettings, _ name: String) async throws(OperatorError)
        -> NetworkReport
    {
        while let tunnel = tunnels[key] {
            switch tunnel.machine.state {
            case .up:
                return try report(called: name)
            case .dialling where tunnel.prompt != nil:
                return try report(called: name)
            case .dialling, .draining, .cleaning:
                try? await Task.sleep(for: .milliseconds(10))
                if Task.isCancelled { throw OperatorError(.cancelled, "nobody waits any more") }
            case .idle:
                throw OperatorError(.cancelled, "network \(name) was taken down meanwhile")
            case .holdoff, .locked:
                let failure = tunnel.machine.state.failure
                throw OperatorError(
                    .dialFailed, "network \(name): \(failure?.message ?? "the dial failed")",
                    fix: failure.flatMap { failure in
                        failure.evidence.map {
                            failure.kind == .configuration ? $0 : "\(key.via) said: \($0)"
                        }
                    })
            }
        }
        throw .unknownNetwork(name)
    }

    /// Every answer of these workers to a request, or what has come of it when they do not answer
    /// within two seconds.
    func ask(_ message: Message, of workers: Set<Int>) async -> [Message] {
        guard !workers.isEmpty, workers.isSubset(of: linked) else { return [] }
        let (stream, continuation) = AsyncStream<Message>.makeStream()
        let request = requests.add(.collector(continuation), of: workers)
        for worker in workers { post([message], request: request, to: worker) }
        let watchdog = Task {
            try? await Task.sleep(for: .seconds(2))
            continuation.finish()
        }
        defer { watchdog.cancel() }
        var answers: [Message] = []
        for await answer in stream { answers.append(answer) }
        return answers
    }

    /// Every open connection of a network, or of all.
    private func records(of network: UInt32 = Limits.networkAll) async -> [ConnectionRecord] {
        var found: [ConnectionRecord] = []
        for worker in linked.sorted() {
            var cursor: UInt32 = 0
            repeat {
                let request = ListConnections(network: network, cursor: cursor)
                let page = await ask(.listConnections(request), of: [worker])
                cursor = 0
                for message in page {
                    switch message {
                    case .connection(let record): found.append(record)
                    case .listEnd(let end): cursor = end.nextCursor
                    default: break
                    }
                }
            } while cursor != 0
        }
        return found
    }

    func statistics() async -> [String: UInt64] {
        let request = Message.statisticsRequest(StatisticsRequest())
        for case .statistics(let figures) in await ask(request, of: linked) {
            return Dictionary(
                uniqueKeysWithValues: Counter.allCases.map { ($0.name, figures[$0]) })
        }
        return [:]
    }

    // MARK: - Reporting

    private func report(called name: String) throws(OperatorError) -> NetworkReport {
        guard let id = table.id(of: name), let network = table.network(id) else {
            throw .unknownNetwork(name)
        }
        return report(network, [:])
    }

    /// - Parameters:
    ///   - users: a connection of each network that has one.
    ///   - traffic: what connections have carried, by network; nil where it was not asked for.
    private func report(
        _ network: Network, _ users: [String: ConnectionReport],
        _ traffic: [UInt32: NetworkTraffic]? = nil
    ) -> NetworkReport {
        let bytes = traffic.map { traffic in
            deviceTraffic(network) ?? table.id(of: network.name).flatMap { traffic[$0] }
                ?? NetworkTraffic()
        }
        let counts = table.id(of: network.name).map { activity[$0] } ?? NetworkActivity()
        let connections = NetworkReport.Connections(
            open: counts.open, opening: counts.opening, parked: counts.parked)
        let prefixes = network.prefixes.map(\.text)
        let came = table.id(of: network.name).flatMap { cameAt[$0] } ?? startedAt
        guard let key = network.tunnel else {
            return NetworkReport(
                name: network.name, state: .routed, since: Self.date(came),
                reason: "reached by the host's own routes", via: "direct", prefixes: prefixes,
                connections: connections, bytesIn: bytes?.bytesIn, bytesOut: bytes?.bytesOut)
        }
        guard let tunnel = tunnels[key] else {
            return NetworkReport(
                name: network.name, state: .idle, since: Self.date(came),
                reason: "nobody has wanted it yet",
                gateway: key.gateway, via: key.via, prefixes: prefixes,
                connections: connections, masters: key.device == nil ? 0 : nil,
                bytesIn: bytes?.bytesIn, bytesOut: bytes?.bytesOut)
        }
        let times = ReportTimes(tunnel.machine)
        return NetworkReport(
            name: network.name, state: .init(rawValue: tunnel.machine.state.name) ?? .idle,
            since: Self.date(tunnel.since),
            reason: tunnel.machine.heldDown
                ? "held down by an operator: nothing dials before `dvpnctl up \(network.name)`"
                : tunnel.reason,
            lastError: tunnel.lastFailure.map {
                .init(
                    code: $0.failure.kind.rawValue, text: $0.failure.message, at: Self.date($0.at))
            },
            gateway: key.gateway, via: key.via, prefixes: prefixes,
            nextRetry: times.nextRetry.map(Self.date),
            idleClosesAt: times.idleCloses.map(Self.date),
            connections: connections, masters: key.device == nil ? tunnel.endpoints.count : nil,
            device: tunnel.device?.name, address: tunnel.device?.addresses.first,
            keptUpBy: users[network.name].map { "\($0.source) → \($0.target)" }
                ?? tunnel.keptUpBy.map(DemandText.ends),
            asks: tunnel.prompt, heldDown: tunnel.machine.heldDown ? true : nil,
            failed: tunnel.hasFailed ? true : nil, bytesIn: bytes?.bytesIn,
            bytesOut: bytes?.bytesOut)
    }

    /// What the network's tunnel device has carried; nil where its tunnel has none.
    private func deviceTraffic(_ network: Network) -> NetworkTraffic? {
        guard let device = network.tunnel?.device else { return nil }
        return NetworkTraffic(
            bytesIn: DeviceCounters.bytesIn(device) ?? 0,
            bytesOut: DeviceCounters.bytesOut(device) ?? 0)
    }

    private func traffic(_ open: [ConnectionRecord]) -> [UInt32: NetworkTraffic] {
        open.reduce(into: carried) { sum, record in
            sum[record.network, default: NetworkTraffic()] += record.traffic
        }
    }

    private func users(_ open: [ConnectionRecord]) -> [String: ConnectionReport] {
        var found: [String: ConnectionReport] = [:]
        for record in open {
            guard let name = table.network(record.network)?.name, found[name] == nil else {
                continue
            }
            found[name] = report(record)
        }
        return found
    }

    /// One open connection of each network, as far as one answer of each worker goes.
    private func openConnections() async -> [String: ConnectionReport] {
        guard activity.isAnyOpen else { return [:] }
        let request = ListConnections(network: Limits.networkAll, cursor: 0)
        var records: [ConnectionRecord] = []
        for case .connection(let record) in await ask(.listConnections(request), of: linked) {
            records.append(record)
        }
        return users(records)
    }

    private func report(_ record: ConnectionRecord) -> ConnectionReport {
        ConnectionReport(
            id: String(record.id, radix: 16), network: table.network(record.network)?.name ?? "",
            source: DemandText.end(record.source), target: DemandText.end(record.target),
            connectUs: UInt64(record.connectMicros), ageMs: record.ageMillis,
            bytesIn: record.bytesIn, bytesOut: record.bytesOut)
    }

    func health() async -> [HealthReport] {
        let names = await names?.findings() ?? []
        return hostHealth + names.map { HealthReport($0) }
    }

    private var hostHealth: [HealthReport] {
        var health = findings.map { HealthReport($0) }
        health += forwardHealth.map {
            HealthReport(
                .forwardFailed, .error,
                "a forward does not listen: \($0.place): \($0.message)",
                fix: $0.fix ?? "mend what it names, then: dvpnctl reload")
        }
        if let reloadTrouble {
            health.append(
                HealthReport(
                    .reloadRefused, .warning, reloadTrouble,
                    fix: "mend the file, then: dvpnctl reload"))
        }
        if !isLinked {
            health.append(
                HealthReport(
                    .dataplaneAway, .error, "the dataplane is not connected",
                    fix: "start dvpn-dataplane, or look at its log for why it ended"))
        }
        return health
    }

    static func date(_ milliseconds: Int64) -> Date {
        Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
    }
}

extension ConnectionRecord {
    var traffic: NetworkTraffic { NetworkTraffic(bytesIn: bytesIn, bytesOut: bytesOut) }
}
