internal import CLinux
internal import Glibc

/// Which process it was: enough to find it again after our own restart, and to be sure that it is
/// the same one and not a stranger that got its number.
struct ProcessRecord: Equatable, Sendable, Codable {
    let pid: Int32
    /// Clock ticks from boot to the process's start: field 22 of `/proc/PID/stat`.
    let started: UInt64
    /// `/proc/sys/kernel/random/boot_id`: the ticks are comparable within one boot only.
    let boot: String
    /// The program's file, symbolic links resolved; nil where it may become any other, as a script
    /// becomes its interpreter.
    let executable: String?
    /// Whose main process it is, or was; nil for a child of ours.
    let unit: ClientUnit?

    /// Writes down a process that exists now, and is or is about to become `executable`.
    init(of pid: Int32, executable: String?) throws(ProcessError) {
        guard let stat = try ProcessFiles.text("/proc/\(pid)/stat"),
            let started = Self.startTicks(stat)
        else { throw ProcessError(attempt: "look at process \(pid)", code: ESRCH) }
        self.pid = pid
        self.started = started
        boot = try ProcessFiles.bootID()
        self.executable = executable
        unit = ClientUnit(of: pid)
    }

    init(
        pid: Int32, started: UInt64, boot: String, executable: String?, unit: ClientUnit? = nil
    ) {
        self.unit = unit
        self.pid = pid
        self.started = started
        self.boot = boot
        self.executable = executable
    }

    /// Takes hold of the recorded process, or gives nil when it is gone.
    ///
    /// The pidfd comes first and the comparison second: what the descriptor holds cannot change
    /// between the two.
    func adopt(watcher: ProcessWatcher) -> ProcessHandle? {
        let raw = dvpn_pidfd_open(pid)
        guard raw >= 0 else { return nil }
        let descriptor = Descriptor(adopting: raw)
        guard isRunning else { return nil }
        return ProcessHandle(pid: pid, descriptor: descriptor, unit: unit, watcher: watcher)
    }

    /// Whether the process that has the number now is the recorded one.
    var isRunning: Bool {
        guard let stat = try? ProcessFiles.text("/proc/\(pid)/stat"),
            let bootNow = try? ProcessFiles.bootID()
        else { return false }
        return matches(
            stat: stat, boot: bootNow, executable: ProcessFiles.link("/proc/\(pid)/exe"),
            ours: ProcessFiles.link("/proc/self/exe"))
    }

    /// How it ended while nobody watched, as far as systemd has kept that.
    func exit(watcher: ProcessWatcher) async -> ProcessExit {
        guard let unit, let units = watcher.units else { return .unknown }
        return await units.exit(of: unit, pid: pid)
    }

    /// Ends it if it still runs, and what is left of its unit.
    func end(watcher: ProcessWatcher, grace: Duration) async {
        await adopt(watcher: watcher)?.terminate(grace: grace)
        await release(watcher: watcher)
    }

    /// Ends what is left of its unit, where it has one.
    func release(watcher: ProcessWatcher) async {
        guard let unit else { return }
        await watcher.units?.release(unit, pid: pid)
    }

    /// Whether what `/proc` says of our number is the process that was written down.
    ///
    /// - Parameters:
    ///   - executableNow: where `/proc/PID/exe` leads; nil when we may not look, which takes
    ///     CAP_SYS_PTRACE for another user's process. Then its short name has to do.
    ///   - ours: where our own leads: the child of a life that died in the middle of a launch may
    ///     not have executed its program yet.
    func matches(
        stat: String, boot bootNow: String, executable executableNow: String?, ours: String? = nil
    ) -> Bool {
        guard boot == bootNow, Self.startTicks(stat) == started else { return false }
        // A zombie has ended; nothing of it can be adopted.
        guard Self.fields(stat).first.map({ $0 != "Z" && $0 != "X" }) ?? false else { return false }
        guard let executable else { return true }
        guard let executableNow else {
            let name = executable.split(separator: "/").last ?? ""
            // The kernel keeps 15 bytes of it.
            return stat.contains("(" + String(decoding: name.utf8.prefix(15), as: UTF8.self) + ")")
        }
        // An upgrade replaces the file under a running program.
        return [executable, ours].compactMap(\.self).contains {
            executableNow == $0 || executableNow == $0 + " (deleted)"
        }
    }

    /// Field 22 of proc(5)'s `stat`.
    static func startTicks(_ stat: String) -> UInt64? {
        let fields = fields(stat)
        return fields.count > 19 ? UInt64(fields[19]) : nil
    }

    /// Field 6: the number of the session's leader, which its members keep when it has ended.
    static func session(_ stat: String) -> Int32? {
        let fields = fields(stat)
        return fields.count > 3 ? Int32(fields[3]) : nil
    }

    /// The fields from the third on: the second is a name in parentheses that may hold anything,
    /// parentheses and spaces included.
    private static func fields(_ stat: String) -> [Substring] {
        guard let end = stat.lastIndex(of: ")") else { return [] }
        return stat[stat.index(after: end)...].split(whereSeparator: { $0 == " " || $0 == "\n" })
    }
}
