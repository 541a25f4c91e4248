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
    func ask(_ limit: Duration) async -> SecretValue? {
        // The shell keeps words of complaint out of the answer.
        let launch = ProcessLaunch(
            executable: "/bin/sh",
            arguments: [
                "-c", "exec \"$0\" \"$@\" 2>/dev/null", executable, "--no-tty",
                "--timeout=\(limit.components.seconds)", "--id=\(id)", "--icon=network-vpn", prompt,
            ])
        guard
            let answer = try? await ProcessHelper.run(launch, limit: limit, watcher: watcher),
            answer.exit == .status(0), !answer.text.isEmpty
        else { return nil }
        return SecretValue(line: Array(answer.text.utf8))
    }
}
