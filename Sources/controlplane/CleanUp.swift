internal import ArgumentParser
internal import CLinux
internal import Glibc
internal import Logging

/// `--cleanup`: ends tunnel clients and takes back what was changed on the host, with or without a
/// running controlplane's help. Needs no configuration.
struct CleanUp {
    let options: Options
    let log: Logger

    init(_ options: Options, _ log: Logger) {
        self.options = options
        self.log = log
    }

    func run() async throws {
        var failed = false
        let lock = try takeLock()
        defer { withExtendedLifetime(lock) {} }
        do {
            let watcher = try ProcessWatcher(
                units: ClientUnits(runtime: options.runtimeDir, starts: false))
            ForwardListeners.cleanUp(runtime: options.runtimeDir)
            // Before the doorbell goes: a resolver must not ask what nobody answers.
            await NameService.cleanUp(runtime: options.runtimeDir, watcher: watcher, log: log)
            await SleepWatch.endLeftover(runtime: options.runtimeDir, watcher: watcher)
            let ssh = try await SSHHost.prepare(runtime: options.runtimeDir, watcher: watcher)
            await ssh.removeLeftovers(keeping: nil)
            let clients = try ClientHost.prepare(
                runtime: options.runtimeDir, state: options.stateDir, watcher: watcher)
            for note in await clients.removeLeftovers(keeping: nil) { log.notice("\(note)") }
        } catch {
            // No runtime directory: nothing of ours runs.
            log.info("no tunnel clients to end: \(error)")
        }
        do {
            try await HostExecutor(runtimeDirectory: options.runtimeDir, deviceOwner: 0).cleanup()
        } catch {
            log.error("\(error)")
            failed = true
        }
        for name in ["networks", "held.json", "released.json", "controlplane.lock"] {
            AtomicFile.remove("\(options.runtimeDir)/\(name)")
        }
        ClientUnits.removeDirectory(runtime: options.runtimeDir)
        for name in ["control.sock", "api.sock"] { removeSocket("\(options.runtimeDir)/\(name)") }
        if failed { throw ExitCode(69) }
        log.notice("the host's network is as it was before dvpn")
    }

    /// Nil where there is no runtime directory, and so no controlplane either.
    private func takeLock() throws -> Descriptor? {
        do {
            return try InstanceLock.take(runtime: options.runtimeDir)
        } catch  where error.code == ENOENT {
            return nil
        } catch {
            log.error("\(error); end it before you clean up after it")
            throw ExitCode(69)
        }
    }

    /// A socket that somebody listens on is in use, and stays.
    private func removeSocket(_ path: String) {
        let live = unsafe path.withCString { unsafe cl_connect($0) }
        if live >= 0 {
            _ = dp_close(CInt(truncatingIfNeeded: live))
        } else {
            AtomicFile.remove(path)
        }
    }
}
