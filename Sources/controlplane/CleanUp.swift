internal import ArgumentParser
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
        do {
            let ssh = try await SSHHost.prepare(
                runtime: options.runtimeDir, watcher: try ProcessWatcher())
            await ssh.removeLeftovers(keeping: [])
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
        for name in ["networks.json", "held.json"] {
            AtomicFile.remove("\(options.runtimeDir)/\(name)")
        }
        if failed { throw ExitCode(69) }
        log.notice("the host's network is as it was before dvpn")
    }
}
