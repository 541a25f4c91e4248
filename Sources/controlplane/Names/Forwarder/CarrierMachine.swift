/// Carries one network's queries over one connection, or one socket for datagrams: the decisions,
/// without the connection.
///
/// Queries wait until the network is up, which the first of them asks for. Then servers, which are
/// equally good, are tried in turn, the next one a little after the last, and the first that is
/// connected is kept. From then on an answer comes soon, or SERVFAIL does: a client that hears
/// nothing would ask again, and take a network for dead of which one server is. What is not used is
/// closed soon, so that it does not hold the tunnel.
struct CarrierMachine: Sendable {
    /// Milliseconds of any clock that never goes back.
    typealias Instant = Int64
    /// One query.
    typealias Ticket = UInt64
    /// One connection, from the attempt to its end.
    typealias Attempt = UInt64

    struct Limits: Equatable, Sendable {
        /// How long a query may wait for its network.
        var holdMs: Int64 = 30_000
        /// How long a query may take when its network is up: less than the 5 seconds after which
        /// most clients ask again.
        var patienceMs: Int64 = 4_000
        /// A query without an answer is sent again after this, and to another server where this one
        /// has said nothing at all.
        var answerMs: Int64 = 1_500
        /// The next server is tried when this one has not been connected for so long.
        var staggerMs: Int64 = 1_000
        /// How long a connection stays without a query.
        var lingerMs: Int64 = 3_000
        /// How often a network that is not up is asked for.
        var wantMs: Int64 = 1_000
        /// Queries at once, waiting or sent.
        var queriesMax = 1_000
    }

    /// What must be done, in order.
    enum Action: Equatable, Sendable {
        /// The network is to come up, and to tell its servers.
        case want
        /// `server` is an index.
        case connect(Attempt, server: Int)
        case close(Attempt)
        case send(Ticket, id: UInt16, Attempt)
        /// The query has no answer.
        case fail(Ticket)
    }

    private struct Query {
        let ticket: Ticket
        let askedAt: Instant
        /// How often it was sent.
        var tries = 0
    }

    private struct Connection {
        let attempt: Attempt
        let server: Int
        var usedAt: Instant
        var heardAt: Instant?
    }

    var limits: Limits
    private(set) var serverCount: Int
    /// Since when the network is up; nil while it is not.
    private var upSince: Instant?
    private var wantedAt: Instant?
    private var preferred = 0
    /// Oldest first.
    private var waiting: [Query] = []
    private var sent: [UInt16: (query: Query, at: Instant)] = [:]
    private var connection: Connection?
    /// Attempts under way, each with its server.
    private var attempts: [Attempt: Int] = [:]
    /// Servers that this round has not tried yet.
    private var untried: [Int] = []
    private var nextAttemptAt: Instant = 0
    private var lastAttempt: Attempt = 0
    /// Not to be guessed by whoever would like to answer in the server's place.
    private let makeID: @Sendable () -> UInt16

    /// - Parameters:
    ///   - servers: how many there are.
    ///   - isUp: whether the network is up.
    ///   - makeID: another number each time.
    init(
        servers: Int, isUp: Bool, limits: Limits = Limits(),
        makeID: @escaping @Sendable () -> UInt16 = { UInt16.random(in: 0...UInt16.max) }
    ) {
        serverCount = servers
        upSince = isUp ? .min / 2 : nil
        self.limits = limits
        self.makeID = makeID
    }

    /// False while queries wait for the network itself.
    var isUp: Bool { upSince != nil }

    /// True while `tick` must be called now and then.
    var isBusy: Bool {
        !waiting.isEmpty || !sent.isEmpty || connection != nil || !attempts.isEmpty
    }

    /// The query that bears this id on this connection.
    func ticket(_ id: UInt16, on attempt: Attempt) -> Ticket? {
        connection?.attempt == attempt ? sent[id]?.query.ticket : nil
    }

    // MARK: - Events

    mutating func ask(_ ticket: Ticket, now: Instant) -> [Action] {
        guard waiting.count + sent.count < limits.queriesMax else { return [.fail(ticket)] }
        waiting.append(Query(ticket: ticket, askedAt: now))
        return proceed(now)
    }

    mutating func connected(_ attempt: Attempt, now: Instant) -> [Action] {
        guard let server = attempts.removeValue(forKey: attempt) else { return [.close(attempt)] }
        let losers = attempts.keys.sorted().map { Action.close($0) }
        attempts = [:]
        untried = []
        preferred = server
        connection = Connection(attempt: attempt, server: server, usedAt: now)
        return losers + proceed(now)
    }

    /// An attempt came to nothing, or a connection has ended.
    mutating func ended(_ attempt: Attempt, now: Instant) -> [Action] {
        if attempts.removeValue(forKey: attempt) != nil {
            if attempts.isEmpty && untried.isEmpty { return failWaiting() }
            // Not worth waiting for the next one's turn.
            return untried.isEmpty ? [] : connectNext(now)
        }
        guard let ended = connection, ended.attempt == attempt else { return [] }
        // One that answered and then closed is as good as before: servers end a connection after
        // some queries, dnsmasq after 100. One that only closes is not tried for long.
        let hasServed = ended.heardAt != nil
        let triesMax = max(2, serverCount)
        let given = leave(ended) { hasServed || $0.tries < triesMax }
        return given.map { .fail($0) } + proceed(now)
    }

    /// An answer came that fits the query with this id.
    mutating func answered(_ id: UInt16, now: Instant) {
        sent[id] = nil
        connection?.heardAt = now
        connection?.usedAt = now
    }

    /// Looks at the clock.
    mutating func tick(now: Instant) -> [Action] {
        var actions = expire(now)
        if waiting.isEmpty {
            actions += attempts.keys.sorted().map { .close($0) }
            attempts = [:]
            untried = []
        } else if upSince == nil {
            actions += want(now)
        } else if !untried.isEmpty && now >= nextAttemptAt {
            actions += connectNext(now)
        }
        guard let current = connection else { return actions }
        let late = sent.filter { $0.value.at + limits.answerMs <= now }
        if let oldest = late.values.map(\.at).min() {
            if current.heardAt.map({ $0 < oldest }) ?? true {
                // It says nothing at all: a dead server, or a connection that a tunnel outlived.
                actions.append(.close(current.attempt))
                leave(current) { _ in true }
            } else {
                // A datagram was lost; over a connection another question does no harm.
                takeBack(ids: Set(late.keys)) { _ in true }
            }
            return actions + proceed(now)
        }
        if sent.isEmpty && current.usedAt + limits.lingerMs <= now {
            connection = nil
            actions.append(.close(current.attempt))
        }
        return actions
    }

    /// The network came up, or is not up any more: what was under way waits for the next time.
    mutating func setUp(_ isUp: Bool, now: Instant) -> [Action] {
        guard isUp != (upSince != nil) else { return [] }
        upSince = isUp ? now : nil
        wantedAt = nil
        return beginAnew(now)
    }

    /// Other servers: what was under way begins anew with them.
    mutating func setServers(_ count: Int, now: Instant) -> [Action] {
        serverCount = count
        preferred = 0
        return beginAnew(now)
    }

    /// No query of this network has an answer now.
    mutating func refuse() -> [Action] {
        upSince = nil
        let actions = closeAll()
        takeBack { _ in true }
        return actions + failWaiting()
    }

    // MARK: - Steps

    private mutating func beginAnew(_ now: Instant) -> [Action] {
        let actions = closeAll()
        takeBack { _ in true }
        return actions + proceed(now)
    }

    /// Sends what waits, or sees to it that it can be sent.
    private mutating func proceed(_ now: Instant) -> [Action] {
        guard !waiting.isEmpty else { return [] }
        guard upSince != nil else { return want(now) }
        // It is up, and whatever its gateway tells has been told.
        guard serverCount > 0 else { return failWaiting() }
        guard let current = connection else {
            guard attempts.isEmpty else { return [] }
            untried = (0..<serverCount).map { (preferred + $0) % serverCount }
            return connectNext(now)
        }
        connection?.usedAt = now
        var actions: [Action] = []
        for var query in waiting {
            query.tries += 1
            let id = freeID()
            sent[id] = (query, now)
            actions.append(.send(query.ticket, id: id, current.attempt))
        }
        waiting = []
        return actions
    }

    private mutating func want(_ now: Instant) -> [Action] {
        if let wantedAt, now - wantedAt < limits.wantMs { return [] }
        wantedAt = now
        return [.want]
    }

    private mutating func connectNext(_ now: Instant) -> [Action] {
        let server = untried.removeFirst()
        lastAttempt += 1
        attempts[lastAttempt] = server
        nextAttemptAt = now + limits.staggerMs
        return [.connect(lastAttempt, server: server)]
    }

    /// Queries whose time is over.
    private mutating func expire(_ now: Instant) -> [Action] {
        func isOver(_ query: Query) -> Bool {
            guard let upSince else { return query.askedAt + limits.holdMs <= now }
            return max(query.askedAt, upSince) + limits.patienceMs <= now
        }
        let over = sent.filter { isOver($0.value.query) }
        for id in over.keys { sent[id] = nil }
        let tickets = waiting.filter(isOver).map(\.ticket) + over.values.map(\.query.ticket)
        waiting.removeAll(where: isOver)
        return tickets.sorted().map { .fail($0) }
    }

    /// A connection is gone: its queries are asked again elsewhere, or given where they may not.
    @discardableResult
    private mutating func leave(
        _ lost: Connection, _ mayWait: (Query) -> Bool
    ) -> [Ticket] {
        connection = nil
        if lost.heardAt == nil { preferred = (lost.server + 1) % max(serverCount, 1) }
        return takeBack(where: mayWait)
    }

    /// Sent queries wait again, in front and in their order; gives those that may not.
    ///
    /// - Parameter ids: nil: all of them.
    @discardableResult
    private mutating func takeBack(
        ids: Set<UInt16>? = nil, where mayWait: (Query) -> Bool
    ) -> [Ticket] {
        let taken = sent.filter { ids?.contains($0.key) ?? true }
        for id in taken.keys { sent[id] = nil }
        let queries = taken.values.map(\.query).sorted { $0.ticket < $1.ticket }
        waiting.insert(contentsOf: queries.filter(mayWait), at: 0)
        return queries.filter { !mayWait($0) }.map(\.ticket)
    }

    private mutating func failWaiting() -> [Action] {
        defer { waiting = [] }
        return waiting.map { .fail($0.ticket) }
    }

    private mutating func closeAll() -> [Action] {
        var all = attempts.keys.sorted()
        if let connection { all.append(connection.attempt) }
        attempts = [:]
        untried = []
        connection = nil
        return all.map { .close($0) }
    }

    /// One that no query bears now.
    private func freeID() -> UInt16 {
        precondition(sent.count < Int(UInt16.max) / 2)
        while true {
            let id = makeID()
            if sent[id] == nil { return id }
        }
    }
}
