internal import CLinux
internal import Glibc

/// Clients as units: systemd starts them, in sandboxes of their own, and keeps them when we end.
///
/// A unit starts `dvpn-controlplane --client UNIT`, which connects to a socket of ours, is told
/// what to become, and waits until that is on record. When it has ended, its unit stays until we have
/// heard how (`RemainAfterExit=`, or `failed`), also while we are away.
///
/// ## Concurrency model
/// systemd answers questions at once, so they are asked on the actor; waiting is done in pieces.
actor ClientUnits {
    /// From the wish to the connection: systemd reads units and makes name spaces meanwhile.
    private static let startLimit = Duration.seconds(20)
    /// Longer than the units' TimeoutStopSec=.
    private static let stopLimit = Duration.seconds(15)
    /// Between two looks; half of it is what a dial loses.
    private static let pause = Duration.milliseconds(10)
    /// So many looks at the socket for one at the unit, which is a question to systemd.
    private static let looksPerQuestion = 8

    private let runtime: String
    /// Whether clients are started as units here, too.
    nonisolated let starts: Bool

    init(runtime: String, starts: Bool) {
        self.runtime = runtime
        self.starts = starts
    }

    /// Starts a unit and tells it what to become.
    ///
    /// - Returns: a process that waits at its gate, as `dvpn_process_fork` gives it.
    func begin(
        _ unit: ClientUnit, _ launch: ProcessLaunch
    ) async throws(ProcessError) -> dvpn_process_child {
        let path = unit.socket(runtime)
        try makeDirectory()
        AtomicFile.remove(path)
        let listening = unsafe cl_listen(path, launch.user?.user ?? geteuid())
        let listener = Descriptor(
            adopting: try ProcessError.check(Int32(listening), "listen on \(path)"))
        defer { AtomicFile.remove(path) }
        let bus = try ManagerBus()
        // What an accident has left of an earlier run must not run beside this one.
        if try bus.state(of: unit.rawValue) != "inactive" { await end(unit) }
        do throws(ProcessError) {
            try bus.call("StartUnit", [.string(unit.rawValue), .string("replace")])
            let client = try await accept(listener, unit)
            return try hand(launch, to: client)
        } catch {
            await end(unit)
            throw error
        }
    }

    /// How the main process of a unit has ended; `unknown` when systemd has forgotten it.
    func exit(of unit: ClientUnit, pid: Int32) async -> ProcessExit {
        let limit = ContinuousClock.now + .seconds(2)
        while ContinuousClock.now < limit {
            if let end = try? Self.end(of: unit, pid: pid) { return end }
            // The end is ours to see a moment before systemd has reaped it; and now and then systemd
            // executes itself anew.
            try? await Task.sleep(for: Self.pause)
            if Task.isCancelled { return .unknown }
        }
        return .unknown
    }

    /// nil while systemd has not seen it.
    private static func end(
        of unit: ClientUnit, pid: Int32
    ) throws(ProcessError) -> ProcessExit? {
        let bus = try ManagerBus()
        guard try bus.number("ExecMainPID", of: unit.rawValue) == pid else { return .unknown }
        let code = try bus.number("ExecMainCode", of: unit.rawValue)
        guard code != 0 else { return nil }
        let status = try bus.number("ExecMainStatus", of: unit.rawValue)
        return code == CLD_EXITED ? .status(status) : .signal(status)
    }

    /// The process has ended: how, and away with its unit, unless that is still of use.
    func settle(_ unit: ClientUnit, pid: Int32) async -> ProcessExit {
        let exit = await exit(of: unit, pid: pid)
        if exit != .status(0) || !unit.outlivesItsProgram { await release(unit, pid: pid) }
        return exit
    }

    /// Ends whatever still runs in a unit and makes systemd forget it, unless another process has
    /// become its main one since.
    func release(_ unit: ClientUnit, pid: Int32) async {
        guard let bus = try? ManagerBus(),
            (try? bus.state(of: unit.rawValue)) != "inactive",
            (try? bus.number("ExecMainPID", of: unit.rawValue)) == pid
        else { return }
        await end(unit)
    }

    static func removeDirectory(runtime: String) {
        let directory = ClientUnit.directory(runtime)
        for name in ProcessFiles.names(in: directory) { AtomicFile.remove("\(directory)/\(name)") }
        _ = unsafe rmdir(directory)
    }

    // MARK: - Steps

    /// Others pass through it to the sockets that are theirs.
    private func makeDirectory() throws(ProcessError) {
        let directory = ClientUnit.directory(runtime)
        if unsafe mkdir(directory, 0o711) == 0 {
            _ = unsafe chmod(directory, 0o711)
        } else if errno != EEXIST {
            throw ProcessError(attempt: "make directory \(directory)", code: errno)
        }
    }

    private func accept(
        _ listener: Descriptor, _ unit: ClientUnit
    ) async throws(ProcessError) -> (pid: Int32, pidfd: Descriptor, socket: Descriptor) {
        let clock = ContinuousClock()
        let limit = clock.now + Self.startLimit
        var looks = 0
        while clock.now < limit && !Task.isCancelled {
            let raw = Int32(cl_accept(listener.raw))
            if raw >= 0 {
                let socket = Descriptor(adopting: raw)
                let pid = Int32(cl_peer_pid(raw))
                let pidfd = dvpn_pidfd_open(pid)
                guard pidfd >= 0 else { continue }
                let process = Descriptor(adopting: pidfd)
                // The descriptor came first: now the number is nobody else's.
                if ClientUnit(of: pid) == unit { return (pid, process, socket) }
                continue
            }
            if raw != -EAGAIN {
                throw ProcessError(attempt: "accept \(unit.rawValue)", code: -raw)
            }
            looks += 1
            if looks.isMultiple(of: Self.looksPerQuestion),
                try ManagerBus().state(of: unit.rawValue) == "failed"
            {
                throw ProcessError(
                    attempt: "start \(unit.rawValue) (see `journalctl -u \(unit.rawValue)`)",
                    code: ECONNABORTED)
            }
            try? await Task.sleep(for: Self.pause)
        }
        throw ProcessError(
            attempt: "start \(unit.rawValue)", code: Task.isCancelled ? ECANCELED : ETIMEDOUT)
    }

    private func hand(
        _ launch: ProcessLaunch, to client: (pid: Int32, pidfd: Descriptor, socket: Descriptor)
    ) throws(ProcessError) -> dvpn_process_child {
        let files = [launch.input?.raw, launch.output?.raw].compactMap(\.self)
        let frame = LaunchOrder(launch).frame
        let sent = unsafe cl_send(
            client.socket.raw, frame, frame.count, files, Int32(files.count))
        _ = try ProcessError.check(Int32(sent), "start \(launch.executable)")
        var copies: [Int32] = []
        for descriptor in [client.pidfd.raw, client.socket.raw, client.socket.raw] {
            copies.append(
                try ProcessError.check(fcntl(descriptor, F_DUPFD_CLOEXEC, 3), "copy a descriptor"))
        }
        return dvpn_process_child(
            pid: client.pid, pidfd: copies[0], gate: copies[1], report: copies[2])
    }

    /// Stops a unit, waits until nothing of it runs, and clears its failure. Goes on when its caller
    /// is cancelled.
    private func end(_ unit: ClientUnit) async {
        let name = unit.rawValue
        try? ManagerBus().call("StopUnit", [.string(name), .string("replace")])
        await Task {
            let clock = ContinuousClock()
            let limit = clock.now + Self.stopLimit
            while clock.now < limit {
                let bus = try? ManagerBus()
                let state = try? bus?.state(of: name)
                if state == "failed" { try? bus?.call("ResetFailedUnit", [.string(name)]) }
                if state == "failed" || state == "inactive" { return }
                try? await Task.sleep(for: Self.pause)
            }
        }.value
    }
}
