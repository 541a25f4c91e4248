internal import Logging
internal import Protocol

/// Static forwards: listeners that are opened here and accepted from in the dataplane.
extension Supervisor {
    /// How often a place is tried again where nobody could listen.
    private static let retryPause = Duration.seconds(3)

    /// Opens what can be opened. What cannot is tried again until it can, or is not wanted any more.
    func openForwards() {
        let (opened, failures) = forwards.tryAll(configuration.forwards)
        for failure in failures { parts.log.record(.error, .forwardFailed, "forward: \(failure)") }
        if !failures.isEmpty { note { $0.isHealthNew = true } }
        for settings in opened {
            parts.log.notice("forward: listening on \(settings.listener.text)")
        }
        postForwards(opened)
        guard !forwards.failures.isEmpty, forwardRetry == nil else { return }
        forwardRetry = Task { [weak self] in
            guard (try? await Task.sleep(for: Self.retryPause)) != nil else { return }
            await self?.retryForwards()
        }
    }

    private func retryForwards() {
        forwardRetry = nil
        openForwards()
        if forwards.failures.isEmpty { note { $0.isHealthNew = true } }
    }

    /// Takes on the forwards of another configuration, whose networks the dataplane knows by now.
    func takeForwards(_ prepared: ForwardListeners.Prepared) {
        let change = forwards.take(configuration.forwards, prepared)
        postForwards(change.added)
        let removals = change.removed.map { Message.forward(ForwardUpdate(removing: $0.id)) }
        let letters: [(Message, Descriptor?)] = removals.map { ($0, nil) }
        link?.post(letters)
        openForwards()
    }

    /// Hands all listeners to a worker that has just been linked, and ends what it has beyond them.
    func postAllForwards(to worker: Int?) {
        postForwards(forwards.open.values.map(\.settings), to: worker)
        let end: [(Message, Descriptor?)] = [(.forward(.forgetOthers()), nil)]
        link?.post(end, to: worker)
    }

    private func postForwards(_ chosen: [ForwardSettings], to worker: Int? = nil) {
        let messages: [(Message, Descriptor?)] = chosen.compactMap {
            settings -> (Message, Descriptor?)? in
            guard let network = table.id(of: settings.network),
                let socket = forwards.open[settings.listener]?.socket
            else { return nil }
            return (.forward(settings.update(network)), socket)
        }
        guard dataplane != nil, !messages.isEmpty else { return }
        link?.post(messages, to: worker)
    }

    var forwardHealth: [ForwardFailure] {
        forwards.failures.values.sorted { $0.place < $1.place }
    }
}

extension ForwardSettings {
    /// The message that adds it.
    func update(_ network: UInt32) -> ForwardUpdate {
        switch target {
        case .address(let address, let family):
            ForwardUpdate(
                forward: id, network: network, action: .add,
                target: Endpoint(family: family, address: address, port: port), name: FarName())
        case .name(let name):
            ForwardUpdate(
                forward: id, network: network, action: .add,
                target: Endpoint(family: .ipv4, address: Address(high: 0, low: 0), port: port),
                name: FarName(name) ?? FarName())
        }
    }
}
