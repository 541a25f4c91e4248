internal import Logging
internal import Protocol

/// The host's network: made as the configuration wants it, and put right.
extension Supervisor {
    /// Makes the host's network as the configuration wants it.
    func applyHost() async throws {
        accept(try await parts.host.apply(hostInput))
    }

    /// The same where only the configuration is another one.
    func changeHost() async throws {
        accept(try await parts.host.change(hostInput))
    }

    private var hostInput: HostInput {
        table.hostInput(users: parts.users, gateways: gatewayAddresses, listening: listening)
    }

    /// Notes in which families the dataplane listens, or that nobody knows. Connections are led to
    /// its port in these only.
    func listen(in families: FamilySet?) {
        guard listening != families else { return }
        listening = families
        // Not awaited: a worker that has just said hello waits for its table.
        Task { await listeningChanged() }
    }

    private func listeningChanged() async {
        // A reload changes the host when its old tunnels have ended, and not before.
        await beginReload()
        do {
            defer { isReloading = false }
            try await changeHost()
        } catch {
            hostFailed(error)
            Task {
                try? await Task.sleep(for: .seconds(1))
                await listeningChanged()
            }
        }
        statusChanged()
    }

    /// Others touched what is ours, and it was put back, or could not be.
    func hostChanged(_ event: HostKeeper.Event) {
        switch event {
        case .repaired(let broken, let report):
            for finding in broken {
                parts.log.record(.warning, .hostRepaired, "host: \(finding.line)")
            }
            accept(report)
            if repairs.add(at: Clock.now()) { noteFight(broken) }
        case .failed(let error):
            hostFailed(error)
        }
        statusChanged()
    }

    private func hostFailed(_ error: any Error) {
        parts.log.record(.error, .hostFailed, "host: \(error)")
        hostTrouble = "\(error)"
    }

    private func accept(_ report: HostReport) {
        hostTrouble = nil
        for change in report.changes { parts.log.notice("host: \(change)") }
        for finding in report.findings where !findings.contains(finding) {
            parts.log.record(.warning, .hostFinding, "host: \(finding.line)")
        }
        if report.findings != findings { note { $0.isHealthNew = true } }
        findings = report.findings
        guard report.isDeviceNew else { return }
        // A doorbell that was made anew needs a new queue, and has lost what hung on it.
        link?.restart()
        if let names { Task { await names.deviceChanged() } }
    }

    /// The addresses that tunnels go to now, as prefixes of full length.
    private var gatewayAddresses: Set<Prefix> {
        Set(
            tunnels.values.compactMap { tunnel in
                tunnel.address.flatMap { Address.parse($0) }.map { address, family in
                    Prefix(family: family, length: family.bits, address: address)
                }
            })
    }

    func pinGateways() async {
        do {
            try await parts.host.setGateways(gatewayAddresses)
        } catch {
            parts.log.record(.error, .hostFailed, "host: \(error)")
        }
    }
}
