internal import Logging
internal import Reports

/// Networks that are there without us, as in the office: nothing of theirs is on the host.
extension Supervisor {
    func release(_ name: String) async throws(OperatorError) -> NetworkReport {
        if releases.network(name) == nil {
            guard table.id(of: name) != nil else { throw .unknownNetwork(name) }
            try await apply(name, isReleased: true)
            parts.log.record(
                .notice, .networkReleased,
                "network \(name): released by an operator: the host's own routes lead there",
                [.network: name])
        }
        return try await network(name)
    }

    func resume(_ name: String) async throws(OperatorError) -> NetworkReport {
        guard releases.network(name) != nil else {
            guard table.id(of: name) != nil else { throw .unknownNetwork(name) }
            throw OperatorError(.notReleased, "network \(name) is not released")
        }
        try await apply(name, isReleased: false)
        parts.log.record(
            .notice, .networkResumed, "network \(name): resumed by an operator", [.network: name])
        return try await network(name)
    }

    /// To the host it is a reload that removes the network, or adds it.
    private func apply(_ name: String, isReleased: Bool) async throws(OperatorError) {
        await beginReload()
        defer { isReloading = false }
        let before = releases
        var prepared = ForwardListeners.Prepared()
        do {
            try releases.set(name, isReleased: isReleased)
            let new = pushed.extend(releases.rest)
            prepared = try forwards.prepare(new.forwards)
            try await take(new, ConfigDiff(from: configuration, to: new), prepared, false)
        } catch {
            forwards.drop(prepared)
            releases = before
            try? releases.set(name, isReleased: !isReleased)
            throw OperatorError(.failed, "the host could not be changed: \(error)")
        }
        // Those of a network that was not there led nowhere.
        if !isReleased { postAllForwards(to: nil) }
        note { $0.changed.insert(name) }
        statusChanged()
    }

    /// A released network; `network` is as it is configured.
    func releasedReport(_ network: Network) -> NetworkReport {
        NetworkReport(
            name: network.name, state: .released,
            since: Self.date(releases.since[network.name] ?? startedAt),
            reason: "released by an operator: the host's own routes lead there",
            gateway: network.tunnel?.gateway, via: network.tunnel?.via ?? "direct",
            prefixes: network.prefixes.map(\.text),
            connections: .init(open: 0, opening: 0, parked: 0))
    }

    /// What a report says of each network, in the order of the files, whether it is released or not.
    func everyNetwork(_ report: (Network) -> NetworkReport) -> [NetworkReport] {
        guard !releases.isEmpty else { return configuration.networks.map(report) }
        return releases.configured.networks.map { network in
            if releases.since[network.name] != nil { return releasedReport(network) }
            // As it is in force: with what was pushed.
            return report(table.id(of: network.name).flatMap { table.network($0) } ?? network)
        }
    }
}
