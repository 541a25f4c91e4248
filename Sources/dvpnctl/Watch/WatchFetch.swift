internal import FoundationEssentials
internal import Reports
internal import Synchronization

/// Looks at dvpn beside the terminal, which must answer keys while dvpn does not answer.
final class WatchFetch: Sendable {
    private let client: APIClient
    private let found = Mutex<Result<WatchModel.Look, ClientError>?>(nil)

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

    func look() async throws(ClientError) -> WatchModel.Look {
        let status = try await client.ask(StatusReport.self, .get, APIPath.status)
        let networks = try await client.ask(NetworksReport.self, .get, APIPath.networks)
        let events = try await client.ask(EventsReport.self, .get, APIPath.events)
        return WatchModel.Look(
            status: status, networks: networks.networks, events: events.events, at: Self.now)
    }

    /// Seconds of a clock that nobody sets.
    static var now: Double { Double(Child.now()) / 1_000 }
}
