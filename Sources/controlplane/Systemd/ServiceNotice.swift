/// What a service tells systemd about itself.
enum ServiceNotice: Equatable, Sendable {
    /// Started, or the reload is over.
    case ready(status: String)
    /// A sentence for `systemctl status`.
    case status(String)
    /// A reload has begun, so many microseconds of CLOCK_MONOTONIC after the boot.
    case reloading(at: UInt64)
    case watchdog
    case stopping

    /// As sd_notify(3) wants it: lines of NAME=VALUE.
    var text: String {
        switch self {
        case .ready(let status): "READY=1\nSTATUS=\(Self.line(status))"
        case .status(let status): "STATUS=\(Self.line(status))"
        case .reloading(let instant): "RELOADING=1\nMONOTONIC_USEC=\(instant)"
        case .watchdog: "WATCHDOG=1"
        case .stopping: "STOPPING=1\nSTATUS=Tunnels and the host's network stay as they are"
        }
    }

    /// A second line would be another assignment.
    private static func line(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: "; ")
    }
}
