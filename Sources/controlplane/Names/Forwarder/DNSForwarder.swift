internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Protocol

/// Answers for private zones on 127.0.0.1, over UDP and TCP: it holds queries until their network is
/// up and its servers are known, asks these by ordinary sockets of this host, whose packets use the
/// tunnel like anybody's, and says SERVFAIL where there is no answer to be had, at once for networks
/// that cannot be reached now. No dnsmasq does that: one that asked the servers itself would leave
/// its clients without a word, and forget their queries whenever it is told of other servers.
///
/// ## Concurrency model
/// The actor runs on one event loop, the one of all its channels, so that handlers call it directly.
actor DNSForwarder {
    /// Whose queries share a connection.
    enum CarrierKey: Hashable, Sendable {
        case datagrams(network: String)
        /// DNS over TCP (RFC 7766).
        case stream(network: String)
        /// Public servers, for gateways' own names only.
        case upstream
    }

    struct CarrierConnection: Sendable {
        let carrier: CarrierKey
        /// Of the carrier: one that went away may be followed by another for the same network.
        let serial: UInt64
        let attempt: CarrierMachine.Attempt
    }

    private struct Pending {
        let query: DNSMessage
        let client: DNSClientAddress
        /// That of the zone, or the gateway's own name.
        let domain: String
        /// Given where the servers have no answer.
        var pinned: String?
        /// In milliseconds of CLOCK_REALTIME: for people.
        let since = Clock.now()
    }

    private struct Carrier {
        let serial: UInt64
        var machine: CarrierMachine
        var servers: [Nameserver]
        var channels: [CarrierMachine.Attempt: any Channel] = [:]
        var pending: [CarrierMachine.Ticket: Pending] = [:]
    }

    /// Queries at once over all networks; each is a few hundred bytes.
    static let queriesMax = 4_000
    /// How exactly time-outs are kept.
    private static let tickMs: Int64 = 100

    nonisolated let port: UInt16
    private let loop: any EventLoop
    private let log: Logger
    /// Called for a network that a query waits for.
    private let wanted: @Sendable (_ network: String, _ name: String) async -> Void
    private var limits: CarrierMachine.Limits

    private var zones: [Zone] = []
    private var index = ZoneIndex([])
    private var upstream: [Nameserver] = []
    private var carriers: [CarrierKey: Carrier] = [:]
    private(set) var pendingCount = 0 { didSet { if pendingCount == 0 { release() } } }
    /// Those who wait until no query does.
    private var patient: [CheckedContinuation<Void, Never>] = []
    private var lastTicket: CarrierMachine.Ticket = 0
    private var sockets = ForwarderSockets()
    private var isTicking = false
    private var answeredNames = AnsweredNames()
    private(set) var tally = QueryTally()

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // SAFETY: the loop is one of the process's own and outlives every actor.
        unsafe loop.executor.asUnownedSerialExecutor()
    }

    init(
        port: UInt16, limits: CarrierMachine.Limits = .init(), log: Logger,
        wanted: @escaping @Sendable (_ network: String, _ name: String) async -> Void
    ) {
        self.port = port
        self.limits = limits
        self.log = log
        self.wanted = wanted
        loop = MultiThreadedEventLoopGroup.singleton.next()
    }

    // MARK: - Life

    /// Listens. Throws where the port is not free.
    func start() async throws {
        sockets.datagrams = try await ForwarderSockets.bindDatagrams(self, loop)
        do {
            sockets.listener = try await ForwarderSockets.bindStreams(
                self, loop, idleMs: limits.holdMs + 30_000)
        } catch {
            await stop()
            throw error
        }
        log.info("names: the forwarder listens on 127.0.0.1:\(port)")
    }

    /// Answers what waits with SERVFAIL, and closes everything.
    func stop() async {
        apply([], upstream: [])
        await sockets.takeAll().close()
    }

    /// Takes on other zones. Queries of networks that are gone or refuse end now; those of others
    /// go on, with other servers where these have changed.
    ///
    /// - Parameter upstream: public servers for the names of gateways that lie in private domains.
    func apply(_ zones: [Zone], upstream: [Nameserver]) {
        self.zones = zones
        index = ZoneIndex(zones)
        self.upstream = upstream
        let byName = Dictionary(zones.map { ($0.network, $0) }) { first, _ in first }
        for (key, carrier) in carriers {
            let zone = key.network.flatMap { byName[$0] }
            let servers = key == .upstream ? upstream : zone?.servers
            guard let servers, zone?.reach != .refusing else {
                change(key) { machine, _ in machine.refuse() }
                continue
            }
            if servers != carrier.servers {
                carriers[key]?.servers = servers
                change(key) { machine, now in machine.setServers(servers.count, now: now) }
            }
            let isUp = zone?.reach != .asleep
            change(key) { machine, now in machine.setUp(isUp, now: now) }
        }
    }

    /// How long a query may wait for its network, in milliseconds.
    func setHold(_ holdMs: Int64) {
        limits.holdMs = holdMs
        for key in carriers.keys { carriers[key]?.machine.limits.holdMs = holdMs }
    }

    /// Returns when no query waits for an answer, or when this has taken too long.
    func quiet(atMostMs limitMs: Int64) async {
        guard pendingCount > 0 else { return }
        loop.scheduleTask(in: .milliseconds(limitMs)) { self.assumeIsolated { $0.release() } }
        await withCheckedContinuation { patient.append($0) }
    }

    private func release() {
        let released = patient
        patient = []
        for continuation in released { continuation.resume() }
    }

    // MARK: - Queries

    func opened(_ stream: any Channel) -> Bool { sockets.add(stream) }

    func closed(_ stream: any Channel) { sockets.remove(stream) }

    /// What is no query is ignored: an answer to it could begin a quarrel that does not end.
    func heard(_ bytes: [UInt8], from client: DNSClientAddress) {
        guard let query = DNSMessage(bytes), query.isQuery else { return }
        guard query.opcode == 0 else {
            tally.add(.notImplemented)
            return sockets.send(DNSReply.failure(query, .notImplemented), to: client)
        }
        guard !query.isTransfer, let (match, domain) = index.match(query.question.name) else {
            tally.add(.refused)
            return sockets.send(DNSReply.failure(query, .refused), to: client)
        }
        var pending = Pending(query: query, client: client, domain: domain)
        switch match {
        case .gateway(let number):
            pending.pinned = zones[number].gateway?.lastGood
            ask(.upstream, upstream, isUp: true, pending)
        case .zone(let number):
            if NameProbe.matches(query.question.name) {
                return sockets.send(NameProbe.reply(query), to: client)
            }
            let zone = zones[number]
            if zone.reach == .refusing { return fail(pending) }
            ask(Self.carrier(of: zone, for: client), zone.servers, isUp: zone.reach == .up, pending)
        }
    }

    /// What waits for networks that are not up, by network.
    func held() -> [String: HeldQuestions] {
        var waiting: [(ticket: CarrierMachine.Ticket, network: String, pending: Pending)] = []
        for (key, carrier) in carriers where !carrier.machine.isUp {
            guard let network = key.network else { continue }
            waiting += carrier.pending.map { ($0.key, network, $0.value) }
        }
        return waiting.sorted { $0.ticket < $1.ticket }.reduce(into: [:]) { held, one in
            let name = one.pending.query.question.name.text
            held[one.network, default: HeldQuestions()].add(name, at: one.pending.since)
        }
    }

    /// What came as a datagram goes as one where it can: not every private server takes more.
    private static func carrier(of zone: Zone, for client: DNSClientAddress) -> CarrierKey {
        if case (.packets, .datagram) = (zone.path, client) {
            return .datagrams(network: zone.network)
        }
        return .stream(network: zone.network)
    }

    private func ask(
        _ key: CarrierKey, _ servers: [Nameserver], isUp: Bool, _ pending: Pending
    ) {
        guard pendingCount < Self.queriesMax else { return fail(pending) }
        lastTicket += 1
        if carriers[key] == nil {
            carriers[key] = Carrier(
                serial: lastTicket,
                machine: CarrierMachine(servers: servers.count, isUp: isUp, limits: limits),
                servers: servers)
        }
        let ticket = lastTicket
        carriers[key]?.pending[ticket] = pending
        pendingCount += 1
        change(key) { machine, now in machine.ask(ticket, now: now) }
    }

    private func fail(_ pending: Pending) {
        if let pinned = pending.pinned, let (address, family) = Address.parse(pinned) {
            tally.add(.answered, domain: pending.domain)
            sockets.send(DNSReply.address(address, family, to: pending.query), to: pending.client)
        } else {
            tally.add(.failed, domain: pending.domain)
            sockets.send(DNSReply.failure(pending.query, .serverFailure), to: pending.client)
        }
    }

    // MARK: - Connections to servers

    func answered(_ bytes: [UInt8], on connection: CarrierConnection) {
        let key = connection.carrier
        guard isCurrent(connection), let answer = DNSMessage(bytes), !answer.isQuery,
            let ticket = carriers[key]?.machine.ticket(answer.id, on: connection.attempt),
            let pending = carriers[key]?.pending[ticket],
            answer.question == pending.query.question
        else { return }
        carriers[key]?.machine.answered(answer.id, now: Self.now())
        carriers[key]?.pending[ticket] = nil
        pendingCount -= 1
        tally.add(.answered, domain: pending.domain)
        answeredNames.note(answer)
        let bytes =
            switch pending.client {
            case .datagram: DNSReply.datagram(answer, to: pending.query)
            case .stream: answer.bytes(id: pending.query.id)
            }
        sockets.send(bytes, to: pending.client)
    }

    /// The private name that led to an address last; nil where none did.
    func name(of address: Address) -> String? { answeredNames.name(of: address) }

    func ended(_ connection: CarrierConnection) {
        guard isCurrent(connection) else { return }
        carriers[connection.carrier]?.channels[connection.attempt] = nil
        change(connection.carrier) { machine, now in machine.ended(connection.attempt, now: now) }
    }

    private func connected(_ connection: CarrierConnection) {
        guard isCurrent(connection) else { return }
        change(connection.carrier) { machine, now in
            machine.connected(connection.attempt, now: now)
        }
    }

    private func isCurrent(_ connection: CarrierConnection) -> Bool {
        carriers[connection.carrier]?.serial == connection.serial
    }

    /// Gives a machine an event and does what it decides.
    private func change(
        _ key: CarrierKey,
        _ event: (inout CarrierMachine, CarrierMachine.Instant) -> [CarrierMachine.Action]
    ) {
        guard var machine = carriers[key]?.machine else { return }
        let actions = event(&machine, Self.now())
        carriers[key]?.machine = machine
        for action in actions { perform(action, key) }
        guard let carrier = carriers[key] else { return }
        if carrier.machine.isBusy {
            tickLater()
        } else if carrier.channels.isEmpty && carrier.pending.isEmpty {
            // A channel that closes calls back while actions are performed: some may be left.
            carriers[key] = nil
        }
    }

    private func perform(_ action: CarrierMachine.Action, _ key: CarrierKey) {
        switch action {
        case .want:
            guard let network = key.network, let pending = carriers[key]?.pending.values.first
            else { return }
            let name = pending.query.question.name.text
            Task { [wanted] in await wanted(network, name) }
        case .connect(let attempt, let server):
            guard let serial = carriers[key]?.serial else { return }
            connect(
                CarrierConnection(carrier: key, serial: serial, attempt: attempt), server)
        case .close(let attempt):
            carriers[key]?.channels.removeValue(forKey: attempt)?.close(promise: nil)
        case .send(let ticket, let id, let attempt):
            guard let query = carriers[key]?.pending[ticket]?.query else { return }
            let bytes = query.bytes(id: id)
            carriers[key]?.channels[attempt]?
                .writeAndFlush(
                    key.isDatagrams ? ByteBuffer(bytes: bytes) : DNSStreamDecoder.frame(bytes),
                    promise: nil)
        case .fail(let ticket):
            guard let pending = carriers[key]?.pending.removeValue(forKey: ticket) else { return }
            pendingCount -= 1
            fail(pending)
        }
    }

    private func connect(_ connection: CarrierConnection, _ server: Int) {
        guard let servers = carriers[connection.carrier]?.servers, server < servers.count,
            let address = try? SocketAddress(
                ipAddress: servers[server].hostText, port: Int(servers[server].port))
        else { preconditionFailure("a server that is none") }
        // Kept from the beginning, so that an attempt can be given up.
        let keep: @Sendable (any Channel) -> Void = { channel in
            self.assumeIsolated { $0.keep(channel, connection) }
        }
        let attempt =
            connection.carrier.isDatagrams
            ? CarrierSockets.datagrams(self, loop, connection, to: address, keep)
            : CarrierSockets.stream(
                self, loop, connection, to: address, limitMs: limits.patienceMs, keep)
        attempt.whenComplete { result in
            self.assumeIsolated {
                switch result {
                case .success: $0.connected(connection)
                case .failure: $0.ended(connection)
                }
            }
        }
    }

    private func keep(_ channel: any Channel, _ connection: CarrierConnection) {
        carriers[connection.carrier]?.channels[connection.attempt] = channel
    }

    // MARK: - Time

    private func tickLater() {
        guard !isTicking else { return }
        isTicking = true
        loop.scheduleTask(in: .milliseconds(Self.tickMs)) {
            self.assumeIsolated { $0.tick() }
        }
    }

    private func tick() {
        isTicking = false
        for key in carriers.keys { change(key) { machine, now in machine.tick(now: now) } }
    }

    private static func now() -> CarrierMachine.Instant {
        CarrierMachine.Instant(NIODeadline.now().uptimeNanoseconds / 1_000_000)
    }
}

extension DNSForwarder.CarrierKey {
    /// nil for public servers.
    fileprivate var network: String? {
        switch self {
        case .datagrams(let network), .stream(let network): network
        case .upstream: nil
        }
    }

    fileprivate var isDatagrams: Bool {
        if case .datagrams = self { true } else { false }
    }
}
