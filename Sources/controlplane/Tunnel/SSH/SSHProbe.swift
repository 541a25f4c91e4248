/// Asks the ssh client at start-up what it can do, by dry runs that connect nowhere.
struct SSHProbe {
    let runtime: String
    let executable: String
    let user: ProcessUser
    let watcher: ProcessWatcher

    /// The way to start masters, or why there is none: the client is missing, too old, or the
    /// runtime directory does not serve.
    struct Finding {
        let way: SSHWay
        var defect: Failure?
        var notes: [String] = []
    }

    /// - Parameter ways: the best first; not empty.
    func run(_ ways: [SSHWay], forced: SSHForward?) async -> Finding {
        if let sentence = SSHPaths.defect(ofRuntime: runtime) {
            return Finding(way: ways[0], defect: Failure(.configuration, sentence))
        }
        do throws(ProcessError) {
            let version = try await ask(SSHCommand.version).text
            var firstAnswer: ProcessHelper.Answer?
            for way in ways where SSHVersion(version) != nil {
                let answer = try await dryRun(way)
                firstAnswer = firstAnswer ?? answer
                guard SSHAnswers.takes(way.forward.sample(runtime: runtime), dryRun: answer.text)
                else { continue }
                let notes = SSHAnswers.notes(versionText: version, way, forced: forced)
                return Finding(way: way, notes: notes)
            }
            let said = firstAnswer.flatMap { $0.exit == nil ? nil : $0.text }
            let sentence = SSHAnswers.defect(versionText: version, dryRun: said)
            return Finding(way: ways[0], defect: Failure(.configuration, sentence))
        } catch {
            let failure = Failure(
                .configuration, "the ssh client cannot be used; install openssh-client",
                evidence: error.description)
            return Finding(way: ways[0], defect: failure)
        }
    }

    private func dryRun(_ way: SSHWay) async throws(ProcessError) -> ProcessHelper.Answer {
        let file = "\(SSHPaths.recordDirectory(runtime))/probe.conf"
        let settings = SSHSettings(
            name: "probe", gateway: "192.0.2.1", user: "probe", identity: "/dev/null",
            knownHosts: "/dev/null")
        let text = SSHConfiguration.render(settings, address: nil, hasAES: way.hasAES)
        try AtomicFile.write(
            Array(text.utf8), to: file, mode: 0o640, group: user.group, durable: false)
        defer { AtomicFile.remove(file) }
        return try await ask(
            SSHCommand.dryRun(
                configuration: file, forward: way.forward.sample(runtime: runtime)))
    }

    private func ask(_ arguments: [String]) async throws(ProcessError) -> ProcessHelper.Answer {
        try await ProcessHelper.run(
            ProcessLaunch(executable: executable, arguments: arguments, user: user),
            limit: .seconds(5), watcher: watcher)
    }
}
