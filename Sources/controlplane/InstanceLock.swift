internal import Glibc

/// One controlplane for each runtime directory: two would take the dataplane and the host from each
/// other.
enum InstanceLock {
    /// So often it is tried, 20 ms apart: what a killed controlplane was about to start holds the lock
    /// until it has become another program.
    private static let tries = 50

    /// Takes the lock and gives the file that holds it: the kernel releases it when the last
    /// descriptor is closed, however the process ends (flock(2)). Throws EWOULDBLOCK where
    /// another process goes on holding it for a second.
    static func take(runtime: String) throws(ProcessError) -> Descriptor {
        let path = "\(runtime)/controlplane.lock"
        let raw = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard raw >= 0 else { throw ProcessError(attempt: "open \(path)", code: errno) }
        let file = Descriptor(adopting: raw)
        var left = tries
        while flock(raw, LOCK_EX | LOCK_NB) != 0 {
            left -= 1
            if errno == EWOULDBLOCK && left > 0 {
                usleep(20_000)
                continue
            }
            let advice =
                "stop that one first (systemctl stop dvpn-controlplane), or give this one another "
                + "--runtime-dir"
            throw ProcessError(
                attempt: "start: another dvpn-controlplane serves \(runtime)", code: errno,
                advice: errno == EWOULDBLOCK ? advice : nil)
        }
        return file
    }
}
