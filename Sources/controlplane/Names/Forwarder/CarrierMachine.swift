/// Carries one network's queries over one TCP connection: the decisions, without the connection.
///
/// Servers are equally good. They are tried in turn, the next one a little after the last, and the
/// first that is connected is kept. Queries wait meanwhile: the connection attempt is what brings
/// the tunnel up. A connection that is not used is closed soon, so that it does not hold the tunnel.
struct CarrierMachine: Sendable {
    /// Milliseconds of any clock that never goes back.
    typealias Instant = Int64
    /// One query.
    typealias Ticket = UInt64
    /// One connection, from the attempt to its end.
    typealias Attempt = UInt64

    struct Limits: Equatable, Sendable {
        /// How long a query may wait to be sent.
        var holdMs: Int64 = 30_000
        /// How long a server may take for an answer.
        var answerMs: Int64 = 5_000
        /// The next server is tried when this one has not been connected for so long.
        var staggerMs: Int64 = 2_000
        /// How long a connection stays without a query.
        var lingerMs: Int64 = 3_000
        /// Queries at once, waiting or sent.
        var queriesMax = 1_000
    }

    /// What must be done, in order.
    enum Action: Equatable, Sendable {
        /// `server` is an index.
        case connect(Attempt, server: Int)
        case close(Attempt)
        case send(Ticket, id: UInt16, Attempt)
        /// The query has no answer.
        case fail(Ticket)
    }

    private struct Query {
        let ticket: Ticket
        let holdUntil: Instant
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
    private var preferred = 0
    private var waiting: [Query] = []
    private var sent: [UInt16: (query: Query, at: Instant)] = [:]
    private var connection: Connection?
    /// Attempts under way, each with its server.
    private var attempts: [Attempt: Int] = [:]
    /// Servers that this round has not tried yet.
    private var untried: [Int] = []
    private var nextAttemptAt: Instant = 0
    private var lastAttempt: Attempt = 0
    private var lastID: UInt16 = 0

    /// - Parameter servers: how many there are; with none, queries wait for `setServers`.
    init(servers: Int, limits: Limits = Limits()) {
        serverCount = servers
        self.limits = limits
    }

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
        waiting.append(Query(ticket: ticket, holdUntil: now + limits.holdMs))
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
        return lose(ended, now)
    }

    /// An answer came that fits the query with this id.
    mutating func answered(_ id: UInt16, now: Instant) {
        sent[id] = nil
        connection?.heardAt = now
        connection?.usedAt = now
    }

    /// Looks at the clock.
    mutating func tick(now: Instant) -> [Action] {
        var actions: [Action] = []
        let expired = waiting.prefix { $0.holdUntil <= now }
        actions += expired.map { .fail($0.ticket) }
        waiting.removeFirst(expired.count)
        if waiting.isEmpty {
            actions += attempts.keys.sorted().map { .close($0) }
            attempts = [:]
            untried = []
        } else if !untried.isEmpty && now >= nextAttemptAt {
            actions += connectNext(now)
        }
        guard let current = connection else { return actions }
        let late = sent.filter { $0.value.at + limits.answerMs <= now }
        if let oldest = late.values.map(\.at).min() {
            if current.heardAt.map({ $0 < oldest }) ?? true {
                // It says nothing at all: a dead server, or a connection that a tunnel outlived.
                return actions + [.close(current.attempt)] + lose(current, now)
            }
            for (id, query) in late.sorted(by: { $0.value.query.ticket < $1.value.query.ticket }) {
                sent[id] = nil
                actions.append(.fail(query.query.ticket))
            }
        }
        if sent.isEmpty && current.usedAt + limits.lingerMs <= now {
            connection = nil
            actions.append(.close(current.attempt))
        }
        return actions
    }

    /// Other servers: what was under way begins anew with them.
    mutating func setServers(_ count: Int, now: Instant) -> [Action] {
        let actions = closeAll()
        serverCount = count
        preferred = 0
        takeBack { _ in true }
        return actions + proceed(now)
    }

    /// No query of this network has an answer now.
    mutating func refuse() -> [Action] {
        let actions = closeAll()
        takeBack { _ in true }
        return actions + failWaiting()
    }

    // MARK: - Steps

    /// Sends what waits, or sees to it that it can be sent.
    private mutating func proceed(_ now: Instant) -> [Action] {
        guard !waiting.isEmpty, serverCount > 0 else { return [] }
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

    private mutating func connectNext(_ now: Instant) -> [Action] {
        let server = untried.removeFirst()
        lastAttempt += 1
        attempts[lastAttempt] = server
        nextAttemptAt = now + limits.staggerMs
        return [.connect(lastAttempt, server: server)]
    }

    /// A connection is gone: its queries are asked again elsewhere, each a few times at most.
    private mutating func lose(_ lost: Connection, _ now: Instant) -> [Action] {
        connection = nil
        // One that answered and then closed is as good as before: servers end a connection after
        // some queries, dnsmasq after 100.
        let hasServed = lost.heardAt != nil
        if !hasServed { preferred = (lost.server + 1) % max(serverCount, 1) }
        let triesMax = max(2, serverCount)
        let given = takeBack { hasServed || $0.tries < triesMax }
        return given.map { .fail($0) } + proceed(now)
    }

    /// Sent queries wait again, in front and in their order; gives those that may not.
    @discardableResult
    private mutating func takeBack(_ mayWait: (Query) -> Bool) -> [Ticket] {
        let queries = sent.values.map(\.query).sorted { $0.ticket < $1.ticket }
        sent = [:]
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

    /// Ids repeat only when the last query with the same one is done.
    private mutating func freeID() -> UInt16 {
        precondition(sent.count < Int(UInt16.max))
        repeat { lastID &+= 1 } while sent[lastID] != nil
        return lastID
    }
}
