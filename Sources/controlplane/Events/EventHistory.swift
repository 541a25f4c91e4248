internal import FoundationEssentials
internal import Reports
internal import Synchronization

/// Keeps the last events and hands new ones to whoever listens. What it holds is bounded: events,
/// listeners, and what waits for each of these.
final class EventHistory: Sendable {
    /// Events that can be asked for afterwards.
    static let kept = 1_000
    /// More listeners than this are refused: each keeps a connection.
    static let listenersMax = 32
    /// What waits for a slow listener; beyond it the oldest are dropped.
    static let waitingMax = kept + 256

    private struct State {
        var ring = EventRing(capacity: EventHistory.kept)
        var lastID: UInt64 = 0
        var listeners: [UInt64: AsyncStream<EventReport>.Continuation] = [:]
        var lastListener: UInt64 = 0
    }

    private let state = Mutex(State())

    init() {}

    func add(
        _ event: JournalEvent, level: String, text: String, networks: [String],
        fields: [String: String]
    ) {
        state.withLock { state in
            state.lastID += 1
            let report = EventReport(
                id: state.lastID, at: Date(), event: event.rawValue, level: level, text: text,
                networks: networks, fields: fields)
            state.ring.append(report)
            for listener in state.listeners.values { listener.yield(report) }
        }
    }

    func events(after id: UInt64 = 0, limit: Int = kept) -> [EventReport] {
        state.withLock { $0.ring.events(after: id, limit: limit) }
    }

    /// Everything that is kept and newer than `id`, then what happens; nil when too many listen.
    /// - Parameter id: nil: only what happens from now on.
    func listen(after id: UInt64?) -> AsyncStream<EventReport>? {
        let (stream, continuation) = AsyncStream<EventReport>.makeStream(
            bufferingPolicy: .bufferingNewest(Self.waitingMax))
        let number: UInt64? = state.withLock { state in
            guard state.listeners.count < Self.listenersMax else { return nil }
            state.lastListener += 1
            state.listeners[state.lastListener] = continuation
            // Under the lock, so that nothing is missed or told twice.
            if let id { for event in state.ring.events(after: id) { continuation.yield(event) } }
            return state.lastListener
        }
        guard let number else { return nil }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.listeners.removeValue(forKey: number) }
        }
        return stream
    }
}
