internal import CLinux
internal import Synchronization

/// When each gateway has last lost a session of ours: it needs a moment to forget it.
final class ClientRests: Sendable {
    private let readyAt = Mutex<[String: Int64]>([:])

    /// A run has ended now, and the next one shall begin after `restMs`.
    func begin(_ host: String, restMs: Int64) {
        guard restMs > 0 else { return }
        let instant = cl_boottime_ms() + restMs
        readyAt.withLock { $0[host] = max($0[host] ?? 0, instant) }
    }

    /// Milliseconds that are left.
    func remainingMs(_ host: String) -> Int64 {
        let now = cl_boottime_ms()
        return readyAt.withLock { rests in
            rests = rests.filter { $0.value > now }
            return rests[host].map { $0 - now } ?? 0
        }
    }
}
