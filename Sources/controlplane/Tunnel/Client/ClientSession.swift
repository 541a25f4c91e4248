internal import CLinux
internal import Glibc

/// What a client has left running: a script that hangs, a child of a child.
///
/// A client leads a session of its own (setsid(2)), and its scripts stay in it. Their environment
/// has the path of the client's report, which nobody else's has: so a number that the kernel has
/// given away meanwhile harms no stranger.
enum ClientSession {
    /// Whether a process is one of the client's.
    ///
    /// - Parameters:
    ///   - environment: `/proc/PID/environ`; nil when it cannot be read.
    static func holds(stat: String, environment: String?, leader: Int32, mark: String) -> Bool {
        guard ProcessRecord.session(stat) == leader, let environment else { return false }
        return environment.split(separator: "\0").contains { $0 == mark }
    }

    /// Ends (SIGKILL) whatever of the session still runs, and returns how many that were.
    static func end(leader: Int32, mark: String) async -> Int {
        var ended: Set<Int32> = []
        // One that forks while we look is found in the next round.
        for _ in 0..<20 {
            let members = members(leader, mark)
            guard !members.isEmpty else { break }
            for (pid, descriptor) in members {
                _ = dvpn_pidfd_signal(descriptor.raw, SIGKILL)
                ended.insert(pid)
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return ended.count
    }

    private static func members(_ leader: Int32, _ mark: String) -> [(Int32, Descriptor)] {
        ProcessFiles.names(in: "/proc").compactMap { name in
            // The descriptor comes first: what it holds cannot change while we look.
            guard let pid = Int32(name), let stat = try? ProcessFiles.text("/proc/\(pid)/stat"),
                ProcessRecord.session(stat) == leader
            else { return nil }
            let raw = dvpn_pidfd_open(pid)
            guard raw >= 0 else { return nil }
            let descriptor = Descriptor(adopting: raw)
            guard let stat = try? ProcessFiles.text("/proc/\(pid)/stat"), !stat.contains(") Z "),
                holds(
                    stat: stat, environment: try? ProcessFiles.text("/proc/\(pid)/environ"),
                    leader: leader, mark: mark)
            else { return nil }
            return (pid, descriptor)
        }
    }
}
