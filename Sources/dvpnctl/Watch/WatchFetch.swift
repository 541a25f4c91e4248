internal import FoundationEssentials
internal import Reports
internal import Synchronization

/// Looks at dvpn beside the terminal, which must answer keys while dvpn does not answer.
final class WatchFetch: Sendable {
    private let client: APIClient
    private let found = Mutex<Result<WatchModel.Look, ClientError>?>(nil)
    private let known = Mutex(Known())

    /// What happened, and in the life of which controlplane.
    private struct Known {
        var since: Date?
        var events: [EventReport] = []
    }

    init(_ client: APIClient) { self.client = client }

    /// Begins a look; `take` has it when it is done.
    func begin() {
        Task {
            let look: Result<WatchModel.Look, ClientError>
            do throws(ClientError) {
                look = .success(try await self.look())
            } catch {
                look = .failure(error)
            }
            found.withLock { $0 = look }
        }
    }

    /// What has come since; nil: nothing yet.
    func take() -> Result<WatchModel.Look, ClientError>? {
        found.withLock { found in
            defer { found = nil }
            return found
        }
    }

    /// More than any screen has lines: so a look costs the same whatever is configured.
    static let networksMax = 256
    /// Likewise.
    private static let eventsMax = 256

    func look() async throws(ClientError) -> WatchModel.Look {
        // Its networks are not needed: those of the other one have counted bytes as well.
        let status = try await client.ask(StatusReport.self, .get, APIPath.status(limit: 0))
        let networks = try await client.ask(
            NetworksReport.self, .get, APIPath.networks(limit: Self.networksMax))
        let events = try await events(of: status)
        return WatchModel.Look(
            status: status, networks: networks.networks, events: events, at: Self.now)
    }

    /// The last events, of which those are asked for that are not known yet. Another controlplane
    /// numbers its own from 1.
    private func events(of status: StatusReport) async throws(ClientError) -> [EventReport] {
        let before = known.withLock { $0.since == status.since ? $0.events : [] }
        let new = try await client.ask(
            EventsReport.self, .get, APIPath.events(after: before.last?.id ?? 0))
        let events = Array((before + new.events).suffix(Self.eventsMax))
        known.withLock { $0 = Known(since: status.since, events: events) }
        return events
    }

    /// Seconds of a clock that nobody sets.
    static var now: Double { Double(Child.now()) / 1_000 }
}
