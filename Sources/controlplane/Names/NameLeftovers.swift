internal import Logging

/// What an earlier life, or another configuration, has done for names and nobody needs any more.
struct NameLeftovers: Sendable {
    let paths: NamePaths
    let watcher: ProcessWatcher
    let log: Logger

    /// Where a drop-in is looked for that no record speaks of: the record is gone after a reboot,
    /// and the file is not.
    var usualDropIn = NameRecord.DropIn(
        path: DNSSettings().dropIn, restart: DNSSettings().restart)

    /// Ends and takes back what these settings do not need.
    func takeBack(keeping settings: DNSSettings) async {
        let record = NameRecord.load(paths)
        await record.monitor?.adopt(watcher: watcher)?.terminate(grace: .milliseconds(500))
        if settings.mode != .managed { await ManagedDnsmasq.endLeftover(paths, watcher) }
        let dropIn = record.dropIn ?? forgottenDropIn
        let keepsDropIn = settings.mode == .dropIn && dropIn?.path == settings.dropIn
        if let dropIn, !keepsDropIn { await remove(dropIn) }
        if let servers = record.servers, settings.mode != .dbus {
            await BusDnsmasq.remove(Bus(address: servers.bus, watcher: watcher))
        }
        if let link = record.link, settings.host != .resolved {
            await ResolvedLink.remove(
                Bus(address: link.bus, watcher: watcher), device: link.device)
        }
        // Where it cannot be written, the same is taken back again another time.
        try? NameRecord.update(paths) { record in
            record.monitor = nil
            record.dropIn = keepsDropIn ? dropIn : nil
            if settings.mode != .dbus { record.servers = nil }
            if settings.host != .resolved { record.link = nil }
        }
    }

    /// Ends and takes back everything.
    func removeAll() async {
        await takeBack(keeping: DNSSettings())
        paths.remove()
    }

    /// A drop-in that names our rules.
    private var forgottenDropIn: NameRecord.DropIn? {
        let text = ((try? ProcessFiles.text(usualDropIn.path)) ?? nil) ?? ""
        let isOurs =
            text.hasPrefix(DropInText.mark)
            && text.split(separator: "\n").contains { $0 == "servers-file=\(paths.servers)" }
        return isOurs ? usualDropIn : nil
    }

    private func remove(_ dropIn: NameRecord.DropIn) async {
        do {
            if try await DropInDnsmasq.remove(dropIn) {
                log.notice("names: \(dropIn.path) removed")
            }
        } catch {
            log.error("names: \(dropIn.path) is removed, but dnsmasq has not noticed: \(error)")
        }
    }
}
