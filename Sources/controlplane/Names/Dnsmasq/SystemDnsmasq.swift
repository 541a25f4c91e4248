internal import CLinux
internal import Glibc

/// The system's dnsmasq as a process that somebody else runs: looked up by its pid file, each time.
struct SystemDnsmasq: Sendable {
    let pidFile: String

    /// Makes it read the servers file again, and forget its cache; false where none is found.
    func reload() -> Bool {
        guard let text = try? ProcessFiles.text(pidFile),
            let pid = Int32(text.prefix { $0.isNumber }), pid > 0
        else { return false }
        let raw = dvpn_pidfd_open(pid)
        guard raw >= 0 else { return false }
        let descriptor = Descriptor(adopting: raw)
        // The number may have become another process's; what the descriptor holds cannot.
        guard let name = try? ProcessFiles.text("/proc/\(pid)/comm"), name == "dnsmasq\n" else {
            return false
        }
        return dvpn_pidfd_signal(descriptor.raw, SIGHUP) == 0
    }
}
