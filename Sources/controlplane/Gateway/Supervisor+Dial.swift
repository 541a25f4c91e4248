internal import Logging

/// A tunnel's client: started, heard and stopped.
extension Supervisor {
    func start(_ key: TunnelSettings, attempt: Int) async {
        guard let tunnel = tunnels[key], await beginTrial(tunnel, attempt) else { return }
        tunnel.address = await address(of: key)
        await pinGateways()
        await notePath(tunnel)
        // A stop, another dial or a reload may have overtaken the look-up.
        guard tunnels[key] === tunnel, case .dialling(attempt, _) = tunnel.machine.state else {
            return
        }
        if let wish = tunnel.wish { await tunnel.backend.wanted(by: wish) }
        await tunnel.backend.start(attempt: attempt, address: tunnel.address)
    }

    /// Where the tunnel goes to, if that is known beforehand.
    func address(of key: TunnelSettings) async -> String? {
        guard let host = key.host else { return nil }
        return await parts.resolve(host, key.isIPv4Only) ?? lastGood(key)
    }

    func lastGood(_ key: TunnelSettings) -> String? {
        guard let host = key.host, let address = gateways.lastGood[host] else { return nil }
        // A tunnel of another kind may have found it.
        return key.isIPv4Only && address.contains(":") ? nil : address
    }

    /// The tunnel stands: its gateway's address is worth remembering.
    private func rememberGateway(_ tunnel: Tunnel) {
        guard let host = tunnel.key.host, let address = tunnel.address else { return }
        do {
            try gateways.worked(address, for: host)
        } catch {
            record(tunnel, .error, nil, "its gateway's address is not remembered: \(error)")
        }
    }

    func stop(_ key: TunnelSettings) async {
        guard let tunnel = tunnels[key] else { return }
        // What is to be remembered is written before the client's own words of it are removed.
        await memoryWork?.value
        await tunnel.backend.stop()
        if let refusal = await tunnel.backend.takeRefusal() { feed(.failed(refusal), to: tunnel) }
        tunnel.address = nil
        tunnel.outerPath = nil
        tunnel.device = nil
        tunnel.keptUpBy = nil
        await pinGateways()
        feed(.cleaned, to: tunnel)
    }

    func backendSaid(_ event: TunnelEvent, _ key: TunnelSettings) async {
        guard let tunnel = tunnels[key] else { return }
        switch event {
        case .endpointAdded(let id, let endpoint, let capacity):
            tunnel.endpoints[id] = (endpoint, capacity)
            announce(id, of: tunnel)
        case .endpointRemoved(let id):
            tunnel.endpoints[id] = nil
            withdraw(id, of: tunnel)
        case .deviceUp(let device):
            await deviceUp(device, tunnel)
        case .ready:
            guard await proved(tunnel) else {
                let text =
                    "the tunnel is there, and the address to probe does not answer through it"
                return feed(.failed(Failure(.timedOut, text)), to: tunnel)
            }
            rememberGateway(tunnel)
            tunnel.refusal = nil
            tunnel.hasFailed = false
            feed(.ready, to: tunnel)
        case .asks(let prompt):
            tunnel.prompt = prompt
            // A person needs longer than a gateway.
            if prompt != nil { feed(.asks(Int64(tunnel.key.promptMs ?? 0)), to: tunnel) }
            if let prompt { record(tunnel, .notice, .asks, "asks: \(prompt)") }
        case .failed(let failure):
            feed(.failed(failure), to: tunnel)
        case .ended(let failure):
            feed(.ended(failure), to: tunnel)
        case .refusedByGateway(let reasons):
            let word = reasons.keys.first { TunnelSymptom(refusal: $0) != nil }
            if let word { tunnel.refusal = word }
            for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) {
                record(
                    tunnel, .info, .refusedByGateway,
                    "the gateway refused \(count) connection\(count == 1 ? "" : "s"): \(reason)",
                    [.count: count, .cause: reason])
            }
        case .note(let text):
            record(tunnel, .notice, nil, text)
        case .said(let program, let unit, let lines):
            relay(lines, of: program, unit, tunnel)
        }
    }
}
