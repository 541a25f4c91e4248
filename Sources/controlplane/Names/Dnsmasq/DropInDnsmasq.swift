internal import Glibc
internal import Logging

/// The system's dnsmasq, told by a file in its configuration directory.
///
/// The file names another one with the rules, which dnsmasq reads again at SIGHUP; a restart is only
/// needed when the drop-in itself changes. Before each restart dnsmasq judges the whole.
actor DropInDnsmasq: NameBackend {
    private static let testLimit: Duration = .seconds(10)

    private let settings: DNSSettings
    private let paths: NamePaths
    private let watcher: ProcessWatcher
    private let log: Logger
    private(set) var complaint: NameFailure?
    private var system: SystemDnsmasq { SystemDnsmasq(pidFile: settings.pidFile) }

    init(_ settings: DNSSettings, paths: NamePaths, watcher: ProcessWatcher, log: Logger) {
        self.settings = settings
        self.paths = paths
        self.watcher = watcher
        self.log = log
    }

    func apply(_ rules: DnsmasqRules) async throws(NameFailure) {
        do {
            try await take(rules)
            complaint = nil
        } catch {
            complaint = error
            throw error
        }
    }

    private func take(_ rules: DnsmasqRules) async throws(NameFailure) {
        let old = try text(settings.dropIn)
        if let old, !old.hasPrefix(DropInText.mark) {
            throw NameFailure(
                description: "\(settings.dropIn) is not dvpn's file: remove it, or write another "
                    + "path as drop-in in [dns]")
        }
        let setsForwardMax = old.map(DropInText.setsForwardMax) ?? true
        var wanted = DropInText.render(
            rules, serversFile: paths.servers, setsForwardMax: setsForwardMax)
        if old == wanted {
            guard try replace(paths.servers, rules.serversFile) else { return }
            if !system.reload() { try await restart() }
            log.notice("names: \(rules.rules.count) rules for the system's dnsmasq")
            return
        }
        if old != nil {
            if let refusal = await judge(DropInText.additions(rules)) { throw refusal }
        } else if let refusal = await judge(wanted) {
            wanted = DropInText.render(rules, serversFile: paths.servers, setsForwardMax: false)
            // A complaint about this one too is not about our keyword.
            if await judge(wanted) != nil { throw refusal }
        }
        _ = try replace(paths.servers, rules.serversFile)
        try await install(wanted, old)
        log.notice(
            "names: \(settings.dropIn) written with \(rules.rules.count) rules, dnsmasq restarted")
    }

    func stop() {}

    /// Removes a drop-in of ours, and lets dnsmasq go on without it; false where there is none.
    static func remove(_ dropIn: NameRecord.DropIn) async throws(NameFailure) -> Bool {
        let bytes = (try? AtomicFile.read(dropIn.path)) ?? nil
        guard let bytes, String(decoding: bytes, as: UTF8.self).hasPrefix(DropInText.mark) else {
            return false
        }
        AtomicFile.remove(dropIn.path)
        try await RestartCommand.run(dropIn.restart)
        return true
    }

    // MARK: - Steps

    /// dnsmasq's own judgement on the system's configuration with this added; nil where it is good.
    private func judge(_ addition: String) async -> NameFailure? {
        let slash = settings.dropIn.lastIndex(of: "/") ?? settings.dropIn.startIndex
        let reason: String
        do {
            _ = try paths.replace(paths.candidate, addition)
            defer { AtomicFile.remove(paths.candidate) }
            var arguments = ["--test"]
            if unsafe access(settings.systemConfig, F_OK) == 0 {
                arguments.append("--conf-file=\(settings.systemConfig)")
            }
            arguments += [
                // Debian names the directory on dnsmasq's command line, with what is left out.
                "--conf-dir=\(settings.dropIn[..<slash]),.dpkg-dist,.dpkg-old,.dpkg-new",
                "--conf-file=\(paths.candidate)",
            ]
            let answer = try await ProcessHelper.run(
                ProcessLaunch(executable: DnsmasqProgram.find(), arguments: arguments),
                limit: Self.testLimit, watcher: watcher)
            if answer.exit == .status(0) { return nil }
            reason = DnsmasqProgram.lastWords(answer.text)
        } catch {
            reason = "\(error)"
        }
        return NameFailure(
            description: "dnsmasq refuses its configuration; nothing was changed: \(reason)")
    }

    /// Writes the file and restarts dnsmasq; where that fails the old state is restored.
    private func install(_ text: String, _ old: String?) async throws(NameFailure) {
        do {
            let made = NameRecord.DropIn(path: settings.dropIn, restart: settings.restart)
            try NameRecord.update(paths) { $0.dropIn = made }
            try AtomicFile.write(
                Array(text.utf8), to: settings.dropIn, mode: 0o644, durable: true)
        } catch {
            throw NameFailure(description: error.description)
        }
        do {
            try await restart()
        } catch {
            if let old {
                try? AtomicFile.write(
                    Array(old.utf8), to: settings.dropIn, mode: 0o644, durable: true)
            } else {
                AtomicFile.remove(settings.dropIn)
            }
            try? await restart()
            throw error
        }
    }

    private func restart() async throws(NameFailure) {
        try await RestartCommand.run(settings.restart)
    }

    private func text(_ path: String) throws(NameFailure) -> String? {
        do {
            return try AtomicFile.read(path).map { String(decoding: $0, as: UTF8.self) }
        } catch {
            throw NameFailure(description: error.description)
        }
    }

    private func replace(_ path: String, _ text: String) throws(NameFailure) -> Bool {
        do {
            return try paths.replace(path, text)
        } catch {
            throw NameFailure(description: error.description)
        }
    }
}
