/// A question by systemd-ask-password(1): on a console, or by whatever agent a desktop has.
struct AgentPrompt: Sendable {
    let executable: String
    /// Names the question for programs, such as `dvpn:dv-work`.
    let id: String
    let prompt: String
    let watcher: ProcessWatcher

    /// nil where systemd-ask-password is not installed.
    init?(id: String, prompt: String, watcher: ProcessWatcher) {
        guard let executable = ClientHost.locate("systemd-ask-password") else { return nil }
        self.executable = executable
        self.id = id
        self.prompt = prompt
        self.watcher = watcher
    }

    /// The answer, or nil when nobody gave one.
    func ask(_ limit: Duration) async -> SecretQuestion.Answer? {
        // It is told to take longer than we do: a time-out of its own is no answer either.
        let launch = ProcessLaunch(
            executable: executable,
            arguments: [
                "--no-tty", "--timeout=\(limit.components.seconds + 1)", "--id=\(id)",
                "--icon=network-vpn", prompt,
            ])
        guard let answer = try? await ProcessHelper.run(launch, limit: limit, watcher: watcher)
        else { return nil }
        return Self.answer(answer.exit, answer.text)
    }

    /// What the program has said.
    ///
    /// - Parameter text: both of its outputs; words of complaint stand before the answer.
    static func answer(_ exit: ProcessExit?, _ text: String) -> SecretQuestion.Answer? {
        guard exit == .status(0) else {
            // ECANCELED: an agent's user does not want to answer. Whatever else ends it is no word
            // of a person.
            return exit != nil && text.contains("Operation canceled") ? .refused : nil
        }
        guard
            let line = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().last
        else { return nil }
        let value = SecretValue(line: Array(line.utf8))
        return value.bytes.isEmpty ? .refused : .value(value)
    }
}
