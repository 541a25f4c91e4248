/// Puts back what other programs take away: a firewall service that flushes the ruleset, a network
/// manager that removes foreign rules, an interface that comes and goes.
struct HostKeeper {
    /// What happened, for the log.
    enum Event: Sendable {
        /// Something was not as it should be, and has been put right.
        case repaired([HostFinding], HostReport)
        /// It could not be looked at or put right; the next change is the next try.
        case failed(HostError)
    }

    let executor: HostExecutor

    /// Changes come in flocks.
    var settling: Duration = .milliseconds(100)
    /// Until the next look, where this one found nothing: on some hosts there is always a change.
    var pause: Duration = .milliseconds(400)
    /// The same after a repair: a program that fights with us gets one round a second at most.
    var truce: Duration = .milliseconds(900)

    /// Works until the task is cancelled.
    func run(_ report: @Sendable (Event) async -> Void) async throws(HostError) {
        for await _ in try HostWatch.changes() {
            guard (try? await Task.sleep(for: settling)) != nil else { return }
            var pause = pause
            do {
                let findings = try await executor.verify()
                if !findings.isEmpty {
                    pause = truce
                    await report(.repaired(findings, try await executor.repair()))
                }
            } catch {
                pause = truce
                await report(.failed(error))
            }
            guard (try? await Task.sleep(for: pause)) != nil else { return }
        }
    }
}
