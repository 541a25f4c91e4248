/// What dvpnctl tells the shell. The numbers from 64 are those of sysexits.h.
enum ExitStatus: Int32, CaseIterable, Sendable {
    /// Done; for `status`: running and healthy.
    case healthy = 0
    case failed = 1
    /// The number that LSB and systemctl use for it.
    case notRunning = 3
    /// It runs, but something needs a person or cannot be used now.
    case degraded = 4
    case usage = 64
    /// The host cannot do what is needed: nft is not there, for one.
    case unavailable = 69
    case notPermitted = 77
    case configuration = 78
}
