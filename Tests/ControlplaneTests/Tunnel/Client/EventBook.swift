import Glibc
import Synchronization
import Testing

@testable import controlplane

/// A tunnel's events in order, as far as they have come.
final class EventBook: Sendable {
    private let list = Mutex<[TunnelEvent]>([])

    init(_ tunnel: any TunnelBackend) {
        let events = tunnel.events
        Task { for await event in events { self.list.withLock { $0.append(event) } } }
    }

    var all: [TunnelEvent] { list.withLock { $0 } }

    func clear() { list.withLock { $0 = [] } }

    /// Waits until an event that fits has come, and gives all of them.
    @discardableResult
    func wait(
        _ what: String, seconds: Int = 40, location: SourceLocation = #_sourceLocation,
        _ fits: (TunnelEvent) -> Bool
    ) async throws -> [TunnelEvent] {
        for _ in 0..<(seconds * 100) {
            let all = all
            if all.contains(where: fits) { return all }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("\(what) did not come; \(all)", sourceLocation: location)
        return all
    }

    /// The device of a dial that went well; a failure is recorded.
    @discardableResult
    func up(location: SourceLocation = #_sourceLocation) async throws -> TunnelDevice {
        try await wait("ready", location: location) { $0 == .ready || $0.isFailure }
        #expect(all.contains(.ready), "\(all)", sourceLocation: location)
        for case .deviceUp(let device) in all { return device }
        return TunnelDevice(name: "none")
    }

    func failure(location: SourceLocation = #_sourceLocation) async throws -> Failure? {
        try await wait("a failure", location: location) { $0 == .ready || $0.isFailure }
        for case .failed(let failure) in all { return failure }
        return nil
    }

    func end(location: SourceLocation = #_sourceLocation) async throws -> Failure? {
        try await wait("the end", seconds: 90, location: location) { $0.isEnd }
        for case .ended(let failure) in all { return failure }
        return nil
    }

    var notes: [String] {
        all.compactMap { if case .note(let text) = $0 { text } else { nil } }
    }
}

extension TunnelEvent {
    var isFailure: Bool { if case .failed = self { true } else { false } }
    var isEnd: Bool { if case .ended = self { true } else { false } }
}
