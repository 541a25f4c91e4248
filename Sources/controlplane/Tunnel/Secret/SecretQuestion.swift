/// One question to a person, which may be answered by several ways; the first answer counts.
final class SecretQuestion: Sendable {
    private let answers: AsyncStream<SecretValue>
    private let sink: AsyncStream<SecretValue>.Continuation

    init() {
        (answers, sink) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    /// Somebody's answer.
    func answer(_ value: SecretValue) {
        sink.yield(value)
        sink.finish()
    }

    /// Waits for an answer; nil when none came within `limit`, or when the task was cancelled.
    ///
    /// - Parameter agents: asks a person by systemd-ask-password(1) as well; nil where there is
    ///   none.
    func wait(_ limit: Duration, agents: AgentPrompt?) async -> SecretValue? {
        await withTaskGroup(of: SecretValue?.self) { group in
            group.addTask {
                let watchdog = Task {
                    try? await Task.sleep(for: limit)
                    self.sink.finish()
                }
                defer { watchdog.cancel() }
                return await self.answers.first { _ in true }
            }
            if let agents {
                // An agent that knows no answer leaves the question open for others.
                group.addTask {
                    if let value = await agents.ask(limit) { self.answer(value) }
                    return nil
                }
            }
            for await value in group {
                guard let value else { continue }
                group.cancelAll()
                return value
            }
            return nil
        }
    }
}
