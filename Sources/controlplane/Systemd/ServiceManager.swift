internal import CSystemd

/// systemd, where it has started us: hears how we fare (sd_notify(3)). Elsewhere nobody listens and
/// nothing happens.
struct ServiceManager: Sendable {
    func tell(_ notice: ServiceNotice) {
        _ = unsafe sd_notify(0, notice.text)
    }

    /// How often it must hear `watchdog`, lest it restart us; nil: it does not wait for it.
    var watchdogLimit: Duration? {
        var microseconds: UInt64 = 0
        guard unsafe sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }
}
