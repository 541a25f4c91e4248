internal import Glibc

/// What all ssh tunnels of this host share: directories, the program, the user that masters run
/// as, the gate, the thread that waits for processes.
///
/// Immutable after `prepare`; made once, before the first tunnel.
struct SSHHost: Sendable {
    /// The user that masters run as, and the group whose members may use their sockets.
    static let masterUserName = "dvpn-ssh"
    static let dataplaneGroupName = "dvpn"

    let runtime: String
    let executable: String
    let user: ProcessUser
    /// How masters are started.
    let way: SSHWay
    /// A port for a master that needs one.
    let freePort: @Sendable () throws(ProcessError) -> UInt16
    let gate: StartGate
    let watcher: ProcessWatcher
    /// Why no tunnel through ssh can be had on this host: the client is missing, too old, or the
    /// runtime directory does not serve. Each dial fails with it.
    let defect: Failure?
    /// What a person should know although it works, a sentence each.
    let notes: [String]

    /// Makes the two directories and looks at the ssh client.
    ///
    /// - Parameters:
    ///   - runtime: exists, and can be passed by the masters' user and the dataplane's.
    ///   - forward: where masters must offer their forward; nil: where this ssh can, a Unix socket
    ///     rather than a port.
    static func prepare(
        runtime: String, watcher: ProcessWatcher, executable: String = "/usr/bin/ssh",
        forward: SSHForward? = nil,
        freePort: @escaping @Sendable () throws(ProcessError) -> UInt16 = {
            () throws(ProcessError) in try LoopbackPort.free()
        }
    ) async throws(ProcessError) -> SSHHost {
        var notes: [String] = []
        var user = ProcessUser.current
        if geteuid() == 0 {
            if let masters = ProcessUser.named(masterUserName) {
                user = masters
            } else {
                notes.append("user \(masterUserName) does not exist: ssh masters run as root")
            }
        }
        let group = geteuid() == 0 ? ProcessUser.group(named: dataplaneGroupName) : nil
        // The dataplane may pass through and connect, and not put anything there.
        try makeDirectory(
            SSHPaths.socketDirectory(runtime), owner: user.user, group: group ?? user.group,
            mode: 0o2750)
        // Masters read their configuration in here; nobody lists it.
        try makeDirectory(
            SSHPaths.recordDirectory(runtime), owner: geteuid(), group: getegid(), mode: 0o711)

        let cpuinfo = try? ProcessFiles.text("/proc/cpuinfo")
        let ways = SSHWay.all(
            forced: forward, hasAES: SSHConfiguration.hasAES(cpuinfo: cpuinfo ?? ""))
        let client = SSHProbe(
            runtime: runtime, executable: resolved(executable), user: user, watcher: watcher)
        let found = await client.run(ways, forced: forward)
        return SSHHost(
            runtime: runtime, executable: client.executable, user: user, way: found.way,
            freePort: freePort, gate: StartGate(), watcher: watcher, defect: found.defect,
            notes: notes + found.notes)
    }

    /// Starts ssh as the masters' user for a short answer.
    func ask(_ arguments: [String], limit: Duration) async throws(ProcessError)
        -> ProcessHelper.Answer
    {
        try await ProcessHelper.run(launch(arguments), limit: limit, watcher: watcher)
    }

    /// ssh as the masters' user.
    func launch(_ arguments: [String]) -> ProcessLaunch {
        ProcessLaunch(executable: executable, arguments: arguments, user: user)
    }

    /// Every master that was ever written down and not struck out, whatever has become of it.
    func records() -> [MasterRecord] { MasterRecord.all(runtime: runtime) }

    /// Ends the masters of tunnels that are not to exist any more, and removes their files.
    ///
    /// Without `keeping` nothing of dvpn's ssh is left: the clean-up of a stop.
    func removeLeftovers(keeping tunnels: Set<String>?) async {
        let leftovers = records().filter { tunnels?.contains($0.tunnel) != true }
        await withTaskGroup { group in
            for record in leftovers {
                group.addTask { await self.end(record) }
            }
        }
        guard tunnels == nil else { return }
        for directory in [SSHPaths.socketDirectory(runtime), SSHPaths.recordDirectory(runtime)] {
            for name in ProcessFiles.names(in: directory) {
                AtomicFile.remove("\(directory)/\(name)")
            }
            _ = unsafe rmdir(directory)
        }
    }

    /// Ends the process that a record proves to be ours, and removes the master's files.
    func end(_ record: MasterRecord) async {
        await record.process.end(watcher: watcher, grace: .seconds(2))
        removeFiles(SSHPaths(runtime: runtime, tunnel: record.tunnel, id: record.id))
    }

    /// Removes what one master leaves behind: a killed one its sockets, an asked one the forward's.
    func removeFiles(_ paths: SSHPaths) {
        for path in [paths.forward, paths.control, paths.log, paths.record] {
            AtomicFile.remove(path)
        }
    }

    private static func makeDirectory(
        _ path: String, owner: uid_t, group: gid_t, mode: mode_t
    ) throws(ProcessError) {
        if unsafe mkdir(path, 0o700) < 0 && errno != EEXIST {
            throw ProcessError(attempt: "make directory \(path)", code: errno)
        }
        let raw = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard raw >= 0 else { throw ProcessError(attempt: "open directory \(path)", code: errno) }
        let directory = Descriptor(adopting: raw)
        // The owner first: changing it takes the set-group-ID bit away.
        guard fchown(directory.raw, owner, group) == 0, fchmod(directory.raw, mode) == 0 else {
            throw ProcessError(attempt: "give \(path) to user \(owner)", code: errno)
        }
    }

    /// The file behind symbolic links, as `/proc/PID/exe` will name it (realpath(3)).
    private static func resolved(_ path: String) -> String {
        guard let result = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(result) }
        return unsafe String(cString: result)
    }
}
