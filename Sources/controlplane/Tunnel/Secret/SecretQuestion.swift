/// One question to a person, which is asked in several ways at once; the first answer counts.
final class SecretQuestion: Sendable {
    /// What a person has said to it.
    enum Answer: Equatable, Sendable {
        case value(SecretValue)
        /// There will be no answer, and nobody is to wait for one.
        case refused
    }

    private let answers: AsyncStream<Answer>
    private let sink: AsyncStream<Answer>.Continuation

    init() {
        (answers, sink) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    /// Somebody's answer; an empty one is a refusal.
    func answer(_ value: SecretValue) {
        sink.yield(value.bytes.isEmpty ? .refused : .value(value))
        sink.finish()
    }

    /// Somebody does not want to answer.
    func refuse() {
        sink.yield(.refused)
        sink.finish()
    }

    /// An answer would be of no use any more.
    func end() { sink.finish() }

    /// Waits for an answer; nil when none came within `limit`, or when the task was cancelled. The
    /// other ways of asking have ended then.
    ///
    /// - Parameter agents: asks a person by systemd-ask-password(1) as well; nil where there is
    ///   none.
    func wait(_ limit: Duration, agents: AgentPrompt?) async -> Answer? {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await Task.sleep(for: limit)
                self.end()
            }
            if let agents {
                // An agent that knows no answer leaves the question open for others.
                group.addTask {
                    switch await agents.ask(limit) {
                    case .value(let value): self.answer(value)
                    case .refused: self.refuse()
                    case nil: break
                    }
                }
            }
            defer { group.cancelAll() }
            return await answers.first { _ in true }
        }
    }
}
