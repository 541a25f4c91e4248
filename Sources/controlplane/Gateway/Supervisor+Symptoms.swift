internal import CLinux

/// Tunnels that look well and are not.
extension Supervisor {
    func symptom(of key: TunnelSettings) async -> TunnelSymptom? {
        guard let tunnel = tunnels[key] else { return nil }
        if tunnel.machine.state.isStanding {
            // ssh's word of it may be younger than the last look at its log.
            let reasons = await tunnel.backend.refusals()
            let word = reasons.keys.first { TunnelSymptom(refusal: $0) != nil }
            if let word { tunnel.refusal = word }
        }
        if let refusal = tunnel.refusal.flatMap(TunnelSymptom.init(refusal:)) { return refusal }
        if key.device == nil, tunnel.machine.state.isStanding,
            let seconds = tunnel.answers.silentSeconds(now: cl_boottime_ms())
        {
            return .unanswered(seconds: seconds)
        }
        guard let device = key.device, tunnel.isOpen else { return nil }
        if DeviceCounters.received(device) == 0,
            let sent = try? await parts.host.sent(by: device), sent > 0
        {
            return .silent
        }
        return tunnel.keptUpBy.flatMap(TunnelSymptom.init(keptUpBy:))
    }

    /// Of all networks whose tunnel has been dialled, by name.
    func symptoms() async -> [String: TunnelSymptom] {
        var found: [String: TunnelSymptom] = [:]
        for key in tunnels.keys {
            guard let symptom = await symptom(of: key) else { continue }
            for id in table.members[key] ?? [] {
                if let network = table.network(id) { found[network.name] = symptom }
            }
        }
        return found
    }

    /// The same after a connection that failed: an ssh master tells what its gateway refused only
    /// every two seconds.
    func symptomSoon(of key: TunnelSettings) async -> TunnelSymptom? {
        for look in 0..<100 {
            if let symptom = await symptom(of: key) { return symptom }
            let state = tunnels[key]?.machine.state.name
            // What comes after cleaning is what the failure led to.
            guard state == "cleaning" || (key.via == "ssh" && state == "up" && look < 30),
                (try? await Task.sleep(for: .milliseconds(100))) != nil
            else { return nil }
        }
        return nil
    }

    /// What dials ask a person, by network.
    func askingNetworks() -> [String: String] {
        var asking: [String: String] = [:]
        for tunnel in tunnels.values {
            for name in networkNames(tunnel.key) { asking[name] = tunnel.prompt }
        }
        return asking
    }

    /// Those that a person took down.
    func heldDownNetworks() -> [String] {
        tunnels.values.filter(\.machine.heldDown).flatMap { networkNames($0.key) }.sorted()
    }

    /// Those that are locked, or whose last dial came to nothing.
    func failedNetworks() -> [String] {
        tunnels.values.filter { $0.hasFailed || $0.machine.state.failure != nil }
            .flatMap { networkNames($0.key) }.sorted()
    }
}
