internal import Glibc

/// What all clients with a device share on this host: directories, the way to our own script, where
/// secrets come from, the thread that waits for processes.
///
/// Immutable after `prepare`; made once, before the first tunnel.
struct ClientHost: Sendable {
    let runtime: String
    let watcher: ProcessWatcher
    let system: any HostSystem
    let secrets: SecretReader
    let digest: SecretDigest
    let snapshots: SnapshotKeeper
    /// Concentrators that have just lost a session of ours.
    let rests = ClientRests()
    /// The path of dvpn-controlplane, whose hidden mode is the clients' script.
    let program: String

    /// Makes the directory.
    ///
    /// - Parameter program: nil for the program that runs now.
    static func prepare(
        runtime: String, state: String, watcher: ProcessWatcher,
        system: any HostSystem = LinuxHost(), program: String? = nil,
        resolverPath: String = "/etc/resolv.conf"
    ) throws(ProcessError) -> ClientHost {
        let directory = ClientPaths.directory(runtime)
        if unsafe mkdir(directory, 0o700) < 0 && errno != EEXIST {
            throw ProcessError(attempt: "make directory \(directory)", code: errno)
        }
        let credentials = unsafe getenv("CREDENTIALS_DIRECTORY").map { unsafe String(cString: $0) }
        return ClientHost(
            runtime: runtime, watcher: watcher, system: system,
            secrets: SecretReader(credentialsDirectory: credentials),
            digest: SecretDigest(stateDirectory: state),
            snapshots: SnapshotKeeper(
                directory: "\(state)/snapshots", resolverPath: resolverPath, system: system),
            program: program ?? ProcessFiles.link("/proc/self/exe") ?? "dvpn-controlplane")
    }

    /// Every client that was ever written down and not struck out, whatever has become of it.
    func records() -> [ClientRecord] { ClientRecord.all(runtime: runtime) }

    /// Ends the clients of tunnels that are not to exist any more, with all that they leave on the
    /// host, also what a reboot has left of it. Returns what was wrong, a sentence each.
    ///
    /// Without `keeping` nothing of dvpn's clients is left: the clean-up of a stop.
    func removeLeftovers(keeping kept: Set<String>?) async -> [String] {
        let records = records()
        let tunnels = kept ?? []
        var notes = await withTaskGroup(of: [String].self) { group in
            for record in records where !tunnels.contains(record.tunnel) {
                group.addTask { await ClientRun(record: record, host: self).end() }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        // Those that are kept look after their own when they are adopted.
        let looked = tunnels.intersection(records.map(\.tunnel))
        for tunnel in snapshots.pending() where !looked.contains(tunnel) {
            notes += await snapshots.repair(tunnel)
        }
        if kept == nil {
            let directory = ClientPaths.directory(runtime)
            for name in ProcessFiles.names(in: directory) {
                AtomicFile.remove("\(directory)/\(name)")
            }
            _ = unsafe rmdir(directory)
        }
        return notes
    }

    /// What a child's environment has in common with no other: names the tunnel and, for our
    /// script, where to report.
    static func mark(_ paths: ClientPaths) -> String {
        "\(ScriptReport.pathVariable)=\(paths.report)"
    }

    /// A command line for sh, which vpnc and openconnect call as their script.
    ///
    /// - Parameter foreign: another script is to be called by ours. It has something to do at every
    ///   time, ours only at `connect`; for the other times its start would only cost some.
    func scriptCommand(foreign: Bool) -> String {
        let command = "exec \(Self.quoted(program)) --tunnel-script"
        return foreign ? command : "[ \"$reason\" != connect ] || \(command)"
    }

    /// For sh: within single quotes everything but they stands for itself.
    static func quoted(_ text: String) -> String {
        "'"
            + text.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }

    /// Where the system has a program, links resolved, as `/proc/PID/exe` will name it; nil where
    /// there is none.
    static func locate(_ name: String) -> String? {
        let places =
            name.contains("/")
            ? [name] : ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].map { "\($0)/\(name)" }
        guard let found = places.first(where: { unsafe access($0, X_OK) == 0 }),
            let path = unsafe realpath(found, nil)
        else { return nil }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }
}
