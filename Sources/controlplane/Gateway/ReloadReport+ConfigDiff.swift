internal import Reports

extension ReloadReport {
    /// What a reload changes, or would change, by name.
    init(_ diff: ConfigDiff) {
        let settings = [
            (diff.lanChanged, "lan"), (diff.holdChanged, "hold"), (diff.limitsChanged, "limits"),
            (diff.dnsChanged, "dns"), (diff.webChanged, "web"), (diff.forwardsChanged, "forward"),
        ]
        self.init(
            added: diff.added.map(\.name), removed: diff.removed.map(\.name),
            changed: diff.changed.map(\.after.name), settings: settings.filter(\.0).map(\.1))
    }
}
