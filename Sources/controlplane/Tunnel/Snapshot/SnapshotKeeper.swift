internal import FoundationEssentials
internal import Glibc
internal import Protocol

/// Takes snapshots before a foreign script may run, and repairs by them when it must be over.
///
/// They lie in `STATE/snapshots` until the host is as it was: a crash of ours and a reboot do not
/// lose them.
struct SnapshotKeeper: Sendable {
    let directory: String
    let resolverPath: String
    let system: any HostSystem

    /// Writes down how the host is now, on disk when this returns.
    ///
    /// One that is still there is the truth about an earlier run's beginning: it is made good
    /// first, and never overwritten with that run's mess. Returns what had to be repaired.
    func take(
        _ tunnel: String, device: String, gateway: String?
    ) async throws(Failure) -> [String] {
        let notes = await repair(tunnel)
        guard load(path(tunnel)) == nil else { return notes }
        do {
            if unsafe mkdir(directory, 0o700) < 0 && errno != EEXIST {
                throw ProcessError(attempt: "make directory \(directory)", code: errno)
            }
            try save(try await look(tunnel, device: device, gateway: gateway))
        } catch {
            throw Failure(
                .configuration,
                "what a foreign script may break could not be written down before",
                evidence: "\(error)")
        }
        return notes
    }

    /// The gateway has pushed these name servers, which the script may put into resolv.conf.
    func learn(_ tunnel: String, nameServers: [String]) throws(ProcessError) {
        guard var snapshot = load(path(tunnel)), snapshot.nameServers != nameServers else { return }
        snapshot.nameServers = nameServers
        try save(snapshot)
    }

    /// Puts right what the tunnel's script has left wrong; nothing to do without a snapshot.
    /// Returns what was wrong, a sentence each. The snapshot stays where a repair of resolv.conf
    /// failed.
    func repair(_ tunnel: String) async -> [String] {
        guard let before = load(path(tunnel)) else { return [] }
        let now: HostSnapshot
        do {
            now = try await look(tunnel, device: before.device, gateway: before.gateway)
        } catch {
            return ["what a foreign script may have broken could not be looked at: \(error)"]
        }
        var notes: [String] = []
        var isDone = true
        for repair in SnapshotRepair.plan(before: before, now: now) {
            do {
                try await perform(repair.action)
                notes.append(repair.finding)
            } catch {
                notes.append("\(repair.finding) - no, that failed: \(error)")
                // A route whose uplink is gone is not to be had back; the file is.
                if case .restore = repair.action { isDone = false }
            }
        }
        if isDone { AtomicFile.remove(path(tunnel)) }
        return notes
    }

    /// The tunnels that have a snapshot.
    func pending() -> [String] {
        ProcessFiles.names(in: directory).filter { $0.hasSuffix(".json") }
            .compactMap { load("\(directory)/\($0)")?.tunnel }
    }

    private func perform(_ action: SnapshotRepair.Action) async throws {
        switch action {
        case .add(let route): try await change("add", route)
        case .remove(let route): try await change("del", route)
        case .restore(let file): try file.write(to: resolverPath)
        }
    }

    private func change(_ verb: String, _ route: MainRoute) async throws {
        _ = try await system.run(.ip, ["-\(route.family)", "route", verb] + route.words, input: "")
    }

    private func look(_ tunnel: String, device: String, gateway: String?) async throws
        -> HostSnapshot
    {
        var snapshot = HostSnapshot(
            tunnel: tunnel, device: device, gateway: gateway, boot: try ProcessFiles.bootID(),
            resolver: try ResolverSnapshot(at: resolverPath))
        for family in system.families {
            snapshot.defaultRoutes += try await routes("default", Int(family.rawValue))
        }
        if let gateway {
            snapshot.gatewayRoutes = try await routes(gateway, gateway.contains(":") ? 6 : 4)
        }
        return snapshot
    }

    private func routes(_ target: String, _ family: Int) async throws -> [MainRoute] {
        let listing = try await system.run(
            .ip, ["-\(family)", "-oneline", "route", "show", "table", "main", "exact", target],
            input: "")
        return MainRoute.parse(listing, family: family)
    }

    private func path(_ tunnel: String) -> String {
        "\(directory)/\(SSHPaths.label(of: tunnel)).json"
    }

    private func save(_ snapshot: HostSnapshot) throws(ProcessError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(snapshot) else {
            preconditionFailure("strings and numbers always encode")
        }
        try AtomicFile.write(Array(data), to: path(snapshot.tunnel), mode: 0o600, durable: true)
    }

    private func load(_ path: String) -> HostSnapshot? {
        guard let bytes = try? AtomicFile.read(path),
            let snapshot = try? JSONDecoder().decode(HostSnapshot.self, from: Data(bytes)),
            snapshot.version == 1
        else { return nil }
        return snapshot
    }
}
