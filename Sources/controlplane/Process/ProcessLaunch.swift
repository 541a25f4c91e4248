internal import CLinux
internal import Glibc

/// A program to start, and how: complete, nothing is inherited from us but the namespaces.
struct ProcessLaunch: Sendable {
    /// Absolute path.
    var executable: String
    /// Without the program's own name, which is prepended.
    var arguments: [String]
    /// `NAME=value` each.
    var environment: [String] = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"]
    /// Standard input; nil is `/dev/null`.
    var input: Descriptor?
    /// Standard output and error; nil is `/dev/null`. A file opened with O_APPEND survives us,
    /// a pipe that we hold does not.
    var output: Descriptor?
    /// Standard error, where it is to go elsewhere than the output.
    var errors: Descriptor?
    /// nil: as whom we run ourselves.
    var user: ProcessUser?
    /// No file may become longer through this process (RLIMIT_FSIZE); nil: no limit. It goes on
    /// when its log is full.
    var fileBytesMax: UInt64?
    /// SIGHUP does not reach it: `systemctl kill -s HUP` sends it to all processes of our unit, and
    /// means us.
    var isHangupBlocked = false

    /// Starts the program in a session of its own.
    ///
    /// - Parameter prepare: called with the process's number while it waits before executing. When
    ///   it throws, or when we die in it, the program is never executed: so nothing runs that is
    ///   not written down.
    func start(
        watcher: ProcessWatcher,
        prepare: (Int32) throws(ProcessError) -> Void = { (_) throws(ProcessError) in }
    ) throws(ProcessError) -> ProcessHandle {
        var child = dvpn_process_child(pid: -1, pidfd: -1, gate: -1, report: -1)
        let forked = unsafe withShim { launch in unsafe dvpn_process_fork(launch, &child) }
        _ = try ProcessError.check(forked, "start \(executable)")
        return try release(&child, nil, watcher, prepare)
    }

    /// Starts the program in a unit of its own where systemd starts clients, and as a child
    /// elsewhere. The unit says as whom it runs.
    nonisolated(nonsending) func start(
        in unit: ClientUnit, watcher: ProcessWatcher,
        prepare: (Int32) throws(ProcessError) -> Void
    ) async throws(ProcessError) -> ProcessHandle {
        guard let units = watcher.units, units.starts else {
            return try start(watcher: watcher, prepare: prepare)
        }
        var child = try await units.begin(unit, self)
        do {
            return try release(&child, unit, watcher, prepare)
        } catch {
            await units.release(unit, pid: child.pid)
            throw error
        }
    }

    /// Becomes the program in this process: the other end of `ClientUnits.begin`.
    func become(gate: Descriptor) -> Never {
        withExtendedLifetime((self, gate)) {
            unsafe withShim { launch in unsafe dvpn_process_become(launch, gate.raw) }
        }
        preconditionFailure("nothing returns from there")
    }

    private func release(
        _ child: inout dvpn_process_child, _ unit: ClientUnit?, _ watcher: ProcessWatcher,
        _ prepare: (Int32) throws(ProcessError) -> Void
    ) throws(ProcessError) -> ProcessHandle {
        do {
            try prepare(child.pid)
        } catch {
            _ = Glibc.close(child.gate)
            _ = Glibc.close(child.report)
            // It ends by itself; the handle reaps it.
            _ = ProcessHandle(
                pid: child.pid, descriptor: Descriptor(adopting: child.pidfd), unit: unit,
                watcher: watcher)
            throw error
        }
        _ = try ProcessError.check(
            unsafe dvpn_process_release(&child), "execute \(executable)")
        return ProcessHandle(
            pid: child.pid, descriptor: Descriptor(adopting: child.pidfd), unit: unit,
            watcher: watcher)
    }

    private func withShim<Result>(
        _ body: (UnsafePointer<dvpn_process_launch>) -> Result
    ) -> Result {
        let words = [executable] + arguments
        let identity = user.flatMap { $0.differsFromUs ? $0 : nil }
        let groups = identity?.groups ?? []
        // SAFETY: all pointers stay valid inside the closures, and the shim keeps none.
        return unsafe withCStrings(words) { words in
            unsafe withCStrings(environment) { environment in
                unsafe groups.withUnsafeBufferPointer { groups in
                    unsafe executable.withCString { path in
                        var launch = unsafe dvpn_process_launch(
                            path: path, arguments: words, environment: environment,
                            input: input?.raw ?? -1, output: output?.raw ?? -1,
                            errors: errors?.raw ?? -1,
                            change_user: identity == nil ? 0 : 1,
                            user: identity?.user ?? 0, group: identity?.group ?? 0,
                            groups: groups.baseAddress, groups_count: groups.count,
                            file_size_max: fileBytesMax ?? 0,
                            block_hangup: isHangupBlocked ? 1 : 0)
                        return unsafe body(&launch)
                    }
                }
            }
        }
    }

    /// Calls `body` with a NULL-terminated vector of C strings, as execve(2) wants it.
    private func withCStrings<Result>(
        _ strings: [String],
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { unsafe strdup($0) }
        unsafe pointers.append(nil)
        defer { unsafe pointers.forEach { unsafe free($0) } }
        return unsafe pointers.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("never empty") }
            return unsafe body(base)
        }
    }
}
