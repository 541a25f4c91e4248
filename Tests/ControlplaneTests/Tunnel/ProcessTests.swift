import Glibc
import Testing

@testable import controlplane

/// One watcher for all tests: its thread lives as long as the program.
let testWatcher: ProcessWatcher = {
    do { return try ProcessWatcher() } catch { fatalError("no watcher: \(error)") }
}()

private func shell(_ command: String) -> ProcessLaunch {
    ProcessLaunch(executable: "/bin/sh", arguments: ["-c", command])
}

@Suite("children that outlive us")
struct ProcessTests {
    @Test("status and signal are told apart")
    func exits() async throws {
        let status = try shell("exit 7").start(watcher: testWatcher)
        #expect(await status.wait() == .status(7))
        let signal = try shell("kill -9 $$").start(watcher: testWatcher)
        #expect(await signal.wait() == .signal(9))
        // The answer stays.
        #expect(await signal.wait() == .signal(9))
    }

    @Test("a program that is not there is an error of the start")
    func missing() {
        let launch = ProcessLaunch(executable: "/nonexistent/ssh", arguments: [])
        #expect(throws: ProcessError(attempt: "execute /nonexistent/ssh", code: ENOENT)) {
            _ = try launch.start(watcher: testWatcher)
        }
    }

    @Test(
        "a session of its own, no descriptor of ours, no signal blocked, descriptors to the limit")
    func surroundings() async throws {
        // Without close-on-exec, as a careless library opens it.
        let leak = unsafe open("/dev/null", O_RDONLY)
        defer { close(leak) }
        let answer = try await ProcessHelper.run(
            shell(
                """
                cut -d' ' -f1,6 /proc/self/stat; ls /proc/$$/fd | tr '\\n' ' '; echo
                grep -E 'SigBlk|SigIgn|NoNewPrivs' /proc/self/status
                ulimit -Sn; ulimit -Hn; env | sort | tr '\\n' ' '; echo; umask
                """), limit: .seconds(10), watcher: testWatcher)
        let lines = answer.text.split(separator: "\n").map(String.init)
        try #require(lines.count == 9, "\(answer.text)")
        #expect(answer.exit == .status(0))
        let session = lines[0].split(separator: " ").last.map(String.init)
        #expect(session != "\(getsid(0))")
        #expect(lines[1].split(separator: " ").allSatisfy { ["0", "1", "2", "10"].contains($0) })
        #expect(lines[2] == "SigBlk:\t0000000000000000")
        // SIGXFSZ (25) only: a full log must not end anybody. (32 and 33 are the C library's own.)
        let ignored = UInt64(lines[3].dropFirst("SigIgn:\t".count), radix: 16)
        #expect(ignored.map { $0 & 0x7fff_ffff } == 1 << 24)
        #expect(lines[4] == "NoNewPrivs:\t1")
        #expect(lines[5] == lines[6])
        #expect(lines[7].hasPrefix("LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin"))
        #expect(lines[8] == "0077")
    }

    @Test("what cannot be written down is not executed")
    func prepareFails() async throws {
        let directory = TestDirectory()
        let refusal = ProcessError(attempt: "write", code: ENOSPC)
        #expect(throws: refusal) {
            _ = try shell("touch \(directory.path)/ran").start(watcher: testWatcher) {
                (_) throws(ProcessError) in throw refusal
            }
        }
        try await Task.sleep(for: .milliseconds(100))
        #expect(unsafe access("\(directory.path)/ran", F_OK) != 0)
    }

    @Test("TERM first, KILL for the deaf")
    func terminate() async throws {
        let polite = try shell("sleep 60").start(watcher: testWatcher)
        #expect(await polite.terminate(grace: .seconds(5)) == .signal(15))
        let directory = TestDirectory()
        let deaf = try shell(
            "trap '' TERM; touch \(directory.path)/deaf; while :; do sleep 1; done"
        )
        .start(watcher: testWatcher)
        while unsafe access("\(directory.path)/deaf", F_OK) != 0 {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(await deaf.terminate(grace: .milliseconds(50)) == .signal(9))
    }

    @Test("waiting has a limit and can be given up")
    func waiting() async throws {
        let process = try shell("sleep 60").start(watcher: testWatcher)
        #expect(await process.wait(atMost: .milliseconds(20)) == nil)
        let waiter = Task { await process.wait() }
        waiter.cancel()
        #expect(await waiter.value == nil)
        await process.terminate(grace: .seconds(1))
    }

    @Test("a helper that hangs is ended, one that floods is cut")
    func helpers() async throws {
        let hung = try await ProcessHelper.run(
            shell("echo before; sleep 60"), limit: .milliseconds(100), watcher: testWatcher)
        #expect(hung == ProcessHelper.Answer(exit: nil, text: "before\n"))
        let flood = try await ProcessHelper.run(
            shell("yes x | head -c 3000000 2>/dev/null; echo $?"), limit: .seconds(20),
            watcher: testWatcher)
        #expect(flood.text.utf8.count <= 1 << 20)
    }

    @Test(
        "as another user, with its groups and nothing else",
        .enabled(if: geteuid() == 0, "needs root"))
    func otherUser() async throws {
        var launch = shell("id -u; id -g; id -G; grep CapEff /proc/self/status")
        launch.user = ProcessUser(name: "x", user: 64_001, group: 64_002, groups: [64_003])
        let answer = try await ProcessHelper.run(
            launch, limit: .seconds(10), watcher: testWatcher)
        #expect(answer.text == "64001\n64002\n64002 64003\nCapEff:\t0000000000000000\n")
    }

    @Test(
        "whether a user can read a file is asked of the kernel",
        .enabled(if: geteuid() == 0, "needs root"))
    func mayRead() {
        let directory = TestDirectory()
        directory.write("open", "x", mode: 0o644)
        directory.write("group", "x", mode: 0o640)
        _ = unsafe chown("\(directory.path)/group", 0, 64_003)
        let member = ProcessUser(name: "x", user: 64_001, group: 64_002, groups: [64_003])
        let stranger = ProcessUser(name: "y", user: 64_004, group: 64_004, groups: [])
        #expect(member.readFailure(of: "\(directory.path)/open") == nil)
        #expect(member.readFailure(of: "\(directory.path)/group") == nil)
        #expect(stranger.readFailure(of: "\(directory.path)/group") == EACCES)
        #expect(stranger.readFailure(of: "\(directory.path)/none") == ENOENT)
        _ = unsafe chmod(directory.path, 0o700)
        #expect(member.readFailure(of: "\(directory.path)/open") == EACCES)
    }
}

@Suite("processes are recognised again")
struct ProcessRecordTests {
    private let stat =
        "4711 (a) b) (c) S 1 4711 4711 0 -1 4194560 123 0 0 0 0 0 0 0 20 0 1 0 987654 1 2 3\n"

    @Test("field 22, whatever the name holds")
    func field() {
        #expect(ProcessRecord.startTicks(stat) == 987_654)
        #expect(ProcessRecord.startTicks("nonsense") == nil)
        #expect(ProcessRecord.startTicks("1 (x) S 1") == nil)
    }

    @Test("another boot, another start, another program or a zombie is another process")
    func matching() {
        let record = ProcessRecord(
            pid: 4711, started: 987_654, boot: "b", executable: "/usr/bin/ssh")
        func matches(_ stat: String, _ boot: String, _ executable: String?) -> Bool {
            record.matches(stat: stat, boot: boot, executable: executable)
        }
        #expect(matches(stat, "b", "/usr/bin/ssh"))
        #expect(matches(stat, "b", "/usr/bin/ssh (deleted)"))
        #expect(!matches(stat, "other", "/usr/bin/ssh"))
        #expect(!matches(stat, "b", "/usr/bin/sshd"))
        #expect(!matches(stat.replacing("987654", with: "987655"), "b", "/usr/bin/ssh"))
        #expect(!matches(stat.replacing(" S ", with: " Z "), "b", "/usr/bin/ssh"))
        // Between fork and execve it is still us.
        #expect(
            record.matches(
                stat: stat, boot: "b", executable: "/sbin/dvpn (deleted)", ours: "/sbin/dvpn"))
        // Where /proc/PID/exe is not for our eyes, the short name decides.
        #expect(!matches(stat, "b", nil))
        #expect(matches(stat.replacing("a) b) (c", with: "ssh"), "b", nil))
        // A script's program is its interpreter's.
        let script = ProcessRecord(pid: 4711, started: 987_654, boot: "b", executable: nil)
        #expect(script.matches(stat: stat, boot: "b", executable: "/usr/bin/dash"))
    }

    @Test("a running process is adopted and can be ended; its end is seen, its status not twice")
    func adopt() async throws {
        let child = try shell("exec sleep 60").start(watcher: testWatcher)
        while ProcessFiles.link("/proc/\(child.pid)/exe")?.hasSuffix("/sleep") != true {
            try await Task.sleep(for: .milliseconds(5))
        }
        let program = try #require(ProcessFiles.link("/proc/\(child.pid)/exe"))
        let record = try ProcessRecord(of: child.pid, executable: program)
        let adopted = try #require(record.adopt(watcher: testWatcher))
        await adopted.terminate(grace: .seconds(2))
        #expect(await child.wait() != nil)
        #expect(record.adopt(watcher: testWatcher) == nil)
    }

    @Test("a record of somebody else's process gives nothing to kill")
    func stranger() throws {
        let record = try ProcessRecord(of: getppid(), executable: "/usr/bin/ssh")
        #expect(record.adopt(watcher: testWatcher) == nil)
    }
}

@Suite("files that are always whole")
struct AtomicFileTests {
    @Test("written, replaced, with the mode asked for")
    func write() throws {
        let directory = TestDirectory()
        let path = "\(directory.path)/f"
        #expect(try AtomicFile.read(path) == nil)
        try AtomicFile.write([1, 2], to: path, mode: 0o640, durable: true)
        try AtomicFile.write([3], to: path, mode: 0o600, durable: true)
        #expect(try AtomicFile.read(path) == [3])
        var status = stat()
        #expect(unsafe stat(path, &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o600)
        #expect(ProcessFiles.names(in: directory.path) == ["f"])
    }

    @Test("a link in the place of the temporary is not followed")
    func link() throws {
        let directory = TestDirectory()
        directory.write("victim", "x")
        let path = "\(directory.path)/f"
        #expect(AtomicFile.temporary(of: path) == "\(directory.path)/.f.new")
        #expect(AtomicFile.temporary(of: "f") == ".f.new")
        _ = unsafe symlink("\(directory.path)/victim", AtomicFile.temporary(of: path))
        try AtomicFile.write([3], to: path, mode: 0o600, durable: false)
        #expect(try AtomicFile.read("\(directory.path)/victim") == Array("x".utf8))
    }

    @Test("a log is read along, and cut when it has grown")
    func log() throws {
        let directory = TestDirectory()
        var log = try LogFile(path: "\(directory.path)/log", fresh: true)
        func say(_ text: String) { _ = unsafe Glibc.write(log.output.raw, text, text.utf8.count) }
        say("one\n")
        #expect(log.news() == "one\n")
        #expect(log.news() == "")
        for _ in 0..<3 {
            for _ in 0..<2_000 { say(String(repeating: "x", count: 99) + "\n") }
            #expect(log.news().utf8.count == 200_000)
        }
        say("two\n")
        #expect(log.news() == "two\n")
        #expect(log.tail() == "two\n")
    }
}
