/// What is told to those who want to know of every change.
extension Supervisor {
    /// Wakes its reader when there is news to take. There is one reader at a time; a new one gets
    /// everything from now on.
    func news() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(
            bufferingPolicy: .bufferingNewest(1))
        listener?.finish()
        listener = continuation
        pendingNews = NetworkNews()
        return stream
    }

    func takeNews() -> NetworkNews {
        defer { pendingNews = NetworkNews() }
        return pendingNews
    }

    /// Nothing is collected while nobody listens.
    func note(_ change: (inout NetworkNews) -> Void) {
        guard let listener else { return }
        change(&pendingNews)
        if case .terminated = listener.yield() { self.listener = nil }
    }

    func noteChange(of network: UInt32) {
        guard listener != nil, let name = table.network(network)?.name else { return }
        note { $0.changed.insert(name) }
    }

    /// - Parameter resumed: those that are in force again; they were known all the time.
    func noteReload(_ diff: ConfigDiff, resumed: Set<String>) {
        note { news in
            news.added += diff.added.map(\.name).filter { !resumed.contains($0) }
            news.changed.formUnion(resumed)
            news.removed += diff.removed.map(\.name)
            news.changed.formUnion(diff.changed.map(\.after.name))
        }
    }
}
