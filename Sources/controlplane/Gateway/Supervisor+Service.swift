internal import CLinux
internal import Logging
internal import Protocol

/// What systemd hears of us.
extension Supervisor {
    /// Everything is there: sockets, routes, tables. Tunnels are not, and need not be.
    func serving() {
        isServing = true
        toldStatus = statusLine.text
        parts.manager.tell(.ready(status: toldStatus))
    }

    /// Something changed that may be in the status line; which is told a little later, since
    /// changes come in flocks.
    func statusChanged() {
        guard isServing, !isStatusDirty else { return }
        isStatusDirty = true
        Task {
            try? await Task.sleep(for: .milliseconds(100))
            tellStatus()
        }
    }

    private func tellStatus() {
        isStatusDirty = false
        let text = statusLine.text
        guard text != toldStatus, !isReloading else { return }
        toldStatus = text
        parts.manager.tell(.status(text))
    }

    /// Another program changes what is ours as often as we put it back. We go on, once a second at
    /// most, since the alternative is a leak; but a person should know.
    func noteFight(_ broken: [HostFinding]) {
        let what = broken.first?.message ?? ""
        let text = "another program fights with dvpn over the host's network. \(what)"
        if hostTrouble != text { parts.log.record(.error, .hostFought, "\(text)") }
        hostTrouble = text
        Task {
            try? await Task.sleep(for: .seconds(60))
            guard !repairs.isFight(at: Clock.now()) else { return }
            hostTrouble = nil
            statusChanged()
        }
    }

    /// Answers if this actor works, which is all that systemd's watchdog asks.
    func beat() {}

    /// Looks without an answer after which a restart is asked for: longer than the dataplane's own
    /// watchdog (WatchdogSec=), which is what ends a silent one as a rule.
    private static var silentLooksMax: Int { 3 }

    /// Asks the dataplane whether its loops turn.
    func examineDataplane() async {
        guard isLinked, let asked = dataplane else { return }
        // The answer of all workers, or none.
        let answers = await ask(.ping(Ping(cookie: UInt64(asked))), of: linked)
        guard isLinked, dataplane == asked else { return }
        silentLooks = answers.isEmpty ? silentLooks + 1 : 0
        if silentLooks == Self.silentLooksMax { askForRestart(of: asked) }
        guard isDataplaneSilent != answers.isEmpty else { return }
        isDataplaneSilent = answers.isEmpty
        if isDataplaneSilent {
            parts.log.record(
                .error, .dataplaneSilent, "the dataplane, process \(asked), does not answer")
        } else {
            parts.log.record(
                .notice, .dataplaneAnswers, "the dataplane, process \(asked), answers again")
        }
        statusChanged()
    }

    private func askForRestart(of process: UInt32) {
        guard let restart = parts.restartDataplane else { return }
        parts.log.error(
            "the dataplane, process \(process), is silent still: systemd is to restart it")
        let log = parts.log
        // systemd's answer may take its time.
        Task.detached {
            do {
                try restart()
            } catch {
                log.error("the dataplane cannot be restarted: \(error)")
            }
        }
    }

    func tellReloading() {
        parts.manager.tell(.reloading(at: dp_now_us()))
    }

    /// - Parameter mistake: why the reload changed nothing; nil: it was done.
    func tellReloaded(_ mistake: String?) {
        if reloadMistake != mistake { note { $0.isHealthNew = true } }
        reloadMistake = mistake
        serving()
    }

    private var statusLine: StatusLine {
        var line = StatusLine(networks: configuration.networks.count)
        for tunnel in tunnels.values {
            let told = StatusLine.Tunnel(
                title: title(tunnel), gateway: tunnel.address ?? tunnel.key.host)
            if tunnel.machine.state.isStanding { line.up.append(told) }
            if tunnel.machine.state.isLocked {
                line.locked.append(.init(title: told.title, gateway: nil))
            }
        }
        if !isLinked {
            line.troubles.append("the dataplane is not connected")
        } else if isDataplaneSilent {
            line.troubles.append("the dataplane does not answer")
        }
        if let taken = findings.first(where: { $0.code == .portTaken }) {
            line.troubles.append(taken.message)
        }
        if let hostTrouble { line.troubles.append(hostTrouble) }
        if let reloadTrouble { line.troubles.append(reloadTrouble) }
        return line
    }

    /// Why the last reload changed nothing, in one line; nil where it was done.
    var reloadTrouble: String? {
        guard let reloadMistake else { return nil }
        // Without the lines of the file, which are indented.
        let sentences = reloadMistake.split(whereSeparator: \.isNewline)
            .filter { !$0.hasPrefix(" ") }
        return "reload refused, the earlier configuration stays: "
            + sentences.joined(separator: ", ")
    }
}
