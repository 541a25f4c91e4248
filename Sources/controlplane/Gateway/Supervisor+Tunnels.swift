internal import Logging

/// Tunnels, which are made when somebody wants them, and what is written about them.
extension Supervisor {
    /// The tunnel of a network, made if need be; nil where the network needs none.
    func tunnel(of network: UInt32) async -> Tunnel? {
        guard let key = table.tunnel(of: network) else { return nil }
        if let tunnel = tunnels[key] { return tunnel }
        return await makeTunnel(key)
    }

    func networkNames(_ key: TunnelSettings) -> [String] {
        (table.members[key] ?? []).compactMap { table.network($0)?.name }
    }

    /// Whom a message is about: a reload may have taken the tunnel's networks away meanwhile.
    func subject(_ tunnel: Tunnel) -> String {
        networkNames(tunnel.key).isEmpty
            ? "tunnel \(tunnel.key.name), which no network needs any more"
            : "network \(title(tunnel))"
    }

    /// The tunnel's networks, for messages.
    func title(_ tunnel: Tunnel) -> String {
        let names = networkNames(tunnel.key)
        return names.isEmpty ? tunnel.key.name : names.joined(separator: ", ")
    }

    /// Writes about a tunnel's networks.
    func record(
        _ tunnel: Tunnel, _ level: Logger.Level, _ event: JournalEvent?, _ text: String,
        _ fields: [LogField: any LogValue] = [:]
    ) {
        var fields = fields
        fields[.network] = networkNames(tunnel.key)
        parts.log.record(level, event, "\(subject(tunnel)): \(text)", fields)
    }

    /// What a tunnel's client prints, so many lines a second.
    func relay(
        _ lines: [String], of program: String, _ unit: ClientUnit?, _ tunnel: Tunnel
    ) {
        var fields: [LogField: any LogValue] = [.program: program]
        if let unit { fields[.unit] = unit.rawValue }
        for line in lines {
            let (isAllowed, leftOut) = tunnel.clientLines.take(at: Clock.now())
            if leftOut > 0 {
                record(
                    tunnel, .info, .clientSaid,
                    "\(program) said \(leftOut) more lines that are not in the log",
                    fields.merging([.count: leftOut]) { $1 })
            }
            if isAllowed {
                record(
                    tunnel, .info, .clientSaid, "\(program): \(line.prefix(1_000))",
                    fields)
            }
        }
    }

    func makeTunnel(_ key: TunnelSettings) async -> Tunnel {
        let backend = parts.makeBackend(key)
        await memoryWork?.value
        let memory = await parts.memory.recall(
            key, of: networkNames(key), backend.credentialFingerprint())
        // Another task may have made it while this one waited.
        if let tunnel = tunnels[key] { return tunnel }
        let machine = TunnelMachine(
            timing: TunnelMachine.Timing(idleMs: key.idleMs.map(Int64.init)), lock: memory.lock,
            heldDown: memory.heldDown)
        let tunnel = Tunnel(
            key: key, machine: machine, backend: backend, since: Clock.now())
        tunnels[key] = tunnel
        let events = backend.events
        tunnel.listener = Task { [weak self] in
            for await event in events { await self?.backendSaid(event, key) }
        }
        return tunnel
    }

}
