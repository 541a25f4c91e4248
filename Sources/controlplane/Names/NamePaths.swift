internal import Glibc

/// Where what we write for dnsmasq is: `RUNTIME/dns/`.
///
/// Anybody may read there: dnsmasq reads as a user of its own, and queries tell everybody whose
/// names are asked for.
struct NamePaths: Equatable, Sendable {
    let runtime: String
    /// What outlives a reboot: leases, which clients remember, too.
    var state = "/var/lib/dvpn"

    var directory: String { "\(runtime)/dns" }
    /// The rules, in dnsmasq's own words.
    var servers: String { "\(directory)/servers.conf" }
    /// Names of the map's hosts and of those with a fixed address; the latter for DHCP.
    var hosts: String { "\(directory)/hosts" }
    var leaseHosts: String { "\(directory)/dhcp-hosts" }
    var leases: String { "\(state)/dnsmasq.leases" }
    /// The configuration of a dnsmasq of ours, its log, and what it is running as.
    var configuration: String { "\(directory)/dnsmasq.conf" }
    var log: String { "\(directory)/dnsmasq.log" }
    var process: String { "\(directory)/dnsmasq.json" }
    /// A drop-in before it is trusted.
    var candidate: String { "\(directory)/candidate.conf" }
    /// What was changed outside of this directory.
    var record: String { "\(directory)/names.json" }

    func makeDirectory() throws(ProcessError) {
        if unsafe mkdir(directory, 0o755) < 0 && errno != EEXIST {
            throw ProcessError(attempt: "make directory \(directory)", code: errno)
        }
        guard unsafe chmod(directory, 0o755) == 0 else {
            throw ProcessError(attempt: "set the mode of \(directory)", code: errno)
        }
    }

    /// Removes everything.
    func remove() {
        for name in ProcessFiles.names(in: directory) { AtomicFile.remove("\(directory)/\(name)") }
        _ = unsafe rmdir(directory)
    }

    /// Replaces a file unless it has this content already; true where it did not.
    func replace(_ path: String, _ text: String) throws(ProcessError) -> Bool {
        let content = Array(text.utf8)
        // A file that cannot be read, or is too long to be ours, is written anew.
        if let old = try? AtomicFile.read(path, bytesMax: 64 << 20), old == content {
            return false
        }
        try AtomicFile.write(content, to: path, mode: 0o644, durable: false)
        return true
    }
}
