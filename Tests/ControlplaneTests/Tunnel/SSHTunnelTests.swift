import Glibc
import Synchronization
import Testing

@testable import controlplane

/// A tunnel to a real sshd, with its events kept in order.
private final class Lab: Sendable {
    let server: SSHServer
    let host: SSHHost
    let tunnel: SSHTunnel
    let events = SharedEvents()

    init(_ server: SSHServer, _ settings: SSHSettings, fresh: Bool = true) async throws {
        self.server = server
        let runtime = "\(server.directory.path)/run"
        if fresh { _ = unsafe mkdir(runtime, 0o755) }
        host = try await SSHHost.prepare(runtime: runtime, watcher: testWatcher)
        let tunnel = SSHTunnel(settings: settings, host: host)
        self.tunnel = tunnel
        Task { [events] in
            for await event in tunnel.events { events.append(event) }
        }
    }

    /// Waits until an event that fits has come, and gives all of them.
    @discardableResult
    func wait(
        _ what: String, seconds: Int = 20, _ fits: (TunnelEvent) -> Bool
    ) async throws -> [TunnelEvent] {
        for _ in 0..<(seconds * 100) {
            let all = events.all
            if all.contains(where: fits) { return all }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("\(what) did not come; \(events.all)")
        return events.all
    }

    func failure() async throws -> Failure? {
        let all = try await wait("a failure") { if case .failed = $0 { true } else { false } }
        for case .failed(let failure) in all { return failure }
        return nil
    }

    func up() async throws {
        await tunnel.start(attempt: 1, address: "127.0.0.1")
        try await wait("ready") { $0 == .ready || $0.isFailure }
        #expect(events.all.contains(.ready), "\(events.all)")
    }

    var socket: String {
        for case .endpointAdded(_, let path, _) in events.all.reversed() { return path }
        return "/nonexistent"
    }

    /// The masters' process numbers, from their records.
    var pids: [Int32] { host.records().map(\.process.pid) }
}

/// Events as they come, from another task.
private final class SharedEvents: Sendable {
    private let list = Mutex<[TunnelEvent]>([])
    var all: [TunnelEvent] { list.withLock { $0 } }
    func append(_ event: TunnelEvent) { list.withLock { $0.append(event) } }
    func clear() { list.withLock { $0 = [] } }
}

extension TunnelEvent {
    fileprivate var isFailure: Bool { if case .failed = self { true } else { false } }
    fileprivate var isEnd: Bool { if case .ended = self { true } else { false } }
}

/// Connects to a Unix socket, asks it by SOCKS5 for a port of 127.0.0.1 and reads the first bytes
/// from there; nil when the gateway could not connect.
private func greeting(through path: String, port: UInt16) -> String? {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
        for (index, byte) in path.utf8.enumerated() { unsafe field[index] = byte }
    }
    let connected = unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    guard connected == 0 else { return nil }
    let request: [UInt8] = [
        5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, UInt8(port >> 8), UInt8(port & 0xff),
    ]
    _ = unsafe send(descriptor, request, request.count, 0)
    var answer: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 256)
    // 2 bytes of greeting, 10 of reply, then the server's own words.
    while answer.count < 16 {
        let count = unsafe recv(descriptor, &part, part.count, 0)
        guard count > 0 else { return nil }
        answer += part.prefix(count)
    }
    return String(decoding: answer.dropFirst(12), as: UTF8.self)
}

@Suite(
    "ssh masters and a real sshd", .serialized,
    .disabled(if: SSHServer.missing != nil, SSHServer.missing))
struct SSHTunnelTests {
    @Test("start, use, a refused port is told, stop leaves nothing")
    func life() async throws {
        let server = try await SSHServer()
        let lab = try await Lab(server, server.settings())
        #expect(lab.host.defect == nil)
        try await lab.up()
        #expect(
            lab.events.all.prefix(2) == [
                .endpointAdded(id: 1, path: lab.socket, capacity: 900), .ready,
            ])
        var status = stat()
        #expect(unsafe stat(lab.socket, &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o660)
        #expect(status.st_uid == lab.host.user.user)
        // The directory's set-group-ID bit hands the dataplane's group down to the socket.
        let group = ProcessUser.group(named: SSHHost.dataplaneGroupName)
        #expect(status.st_gid == group ?? lab.host.user.group)
        #expect(unsafe stat("\(lab.host.runtime)/ssh", &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o2750)
        #expect(unsafe stat("/proc/\(try #require(lab.pids.first))", &status) == 0)
        #expect(status.st_uid == lab.host.user.user)
        #expect(greeting(through: lab.socket, port: server.port)?.hasPrefix("SSH-") == true)
        #expect(greeting(through: lab.socket, port: 1) == nil)
        try await lab.wait("the reason") { $0 == .refusedByGateway(["Connection refused": 1]) }

        let pid = try #require(lab.pids.first)
        await lab.tunnel.stop()
        try await lab.wait("the end") { $0 == .ended(nil) }
        #expect(kill(pid, 0) != 0)
        #expect(ProcessFiles.names(in: "\(lab.host.runtime)/ssh") == [])
        #expect(lab.host.records() == [])
        // Stopped is not over: the same tunnel can be had again.
        lab.events.clear()
        try await lab.up()
        await lab.tunnel.stop()
    }

    @Test("the throw-away session reaches the server, and MaxSessions 0 is noted")
    func session() async throws {
        let server = try await SSHServer(options: "MaxSessions 0")
        let lab = try await Lab(server, server.settings())
        try await lab.up()
        try await lab.wait("the note") {
            if case .note(let text) = $0 { text.contains("MaxSessions 0") } else { false }
        }
        await lab.tunnel.stop()

        let other = try await SSHServer(options: "ForceCommand /bin/false")
        let open = try await Lab(other, other.settings())
        try await open.up()
        for _ in 0..<300 {
            if try SSHServer.text("\(other.directory.path)/sshd.log").contains("Starting session") {
                break
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(try SSHServer.text("\(other.directory.path)/sshd.log").contains("Starting session"))
        await open.tunnel.stop()
    }

    @Test("wrong key, changed and unknown host key, closed port, missing key: each by its name")
    func failures() async throws {
        let server = try await SSHServer()
        func kind(_ settings: SSHSettings) async throws -> Failure.Kind? {
            let lab = try await Lab(server, settings, fresh: true)
            await lab.tunnel.start(attempt: 1, address: "127.0.0.1")
            let failure = try await lab.failure()
            #expect(lab.host.records() == [], "\(settings.identity) left a record")
            #expect(ProcessFiles.names(in: "\(lab.host.runtime)/ssh") == [])
            return failure?.kind
        }
        #expect(try await kind(server.settings(identity: "bad")) == .authentication)
        #expect(try await kind(server.settings(knownHosts: "changed_hosts")) == .hostKeyChanged)
        server.directory.write("empty", "")
        #expect(try await kind(server.settings(knownHosts: "empty")) == .hostKeyUnknown)
        #expect(try await kind(server.settings(identity: "none")) == .configuration)
        #expect(try await kind(server.settings(knownHosts: "none")) == .configuration)
        server.directory.write("open", "x", mode: 0o644)
        #expect(try await kind(server.settings(identity: "open")) == .configuration)
        await server.stop()
        #expect(try await kind(server.settings()) == .refused)
    }

    @Test("kill -9 of the master is an end with that reason; the next start is not in its way")
    func killed() async throws {
        let server = try await SSHServer()
        let lab = try await Lab(server, server.settings())
        try await lab.up()
        let pid = try #require(lab.pids.first)
        kill(pid, SIGKILL)
        let all = try await lab.wait("the end") { $0.isEnd }
        #expect(all.contains(.endpointRemoved(id: 1)))
        guard case .ended(let failure?) = all.last else {
            Issue.record("no reason: \(all)")
            return
        }
        #expect(failure.kind == .killed)
        lab.events.clear()
        try await lab.up()
        #expect(greeting(through: lab.socket, port: server.port)?.hasPrefix("SSH-") == true)
        await lab.tunnel.stop()
    }

    @Test("a server that goes away in mid-life is a loss")
    func serverDies() async throws {
        let server = try await SSHServer()
        let lab = try await Lab(server, server.settings())
        try await lab.up()
        // The connection's own process is the one that names its user; nobody else's is.
        let stem = "sshd: \(SSHServer.user)"
        for name in ProcessFiles.names(in: "/proc") {
            guard let pid = Int32(name), let line = try ProcessFiles.text("/proc/\(pid)/cmdline"),
                line.hasPrefix(stem), try lab.serves(pid)
            else { continue }
            kill(pid, SIGKILL)
        }
        let all = try await lab.wait("the end") { $0.isEnd }
        guard case .ended(let failure?) = all.last else {
            Issue.record("no reason: \(all)")
            return
        }
        #expect(failure.kind == .lost)
        await lab.tunnel.stop()
    }

    @Test("another life adopts the master, uses it, and sees and words its end")
    func adoption() async throws {
        let server = try await SSHServer()
        let first = try await Lab(server, server.settings())
        try await first.up()
        let pid = try #require(first.pids.first)

        let second = try await Lab(server, server.settings(), fresh: false)
        #expect(await second.tunnel.adopt())
        #expect(second.events.all == [] || second.events.all.count == 1)
        try await second.wait("the endpoint") {
            $0 == .endpointAdded(id: 1, path: first.socket, capacity: 900)
        }
        #expect(greeting(through: second.socket, port: server.port)?.hasPrefix("SSH-") == true)
        #expect(second.pids == [pid])
        await second.tunnel.stop()
        try await second.wait("the end") { $0 == .ended(nil) }
        #expect(kill(pid, 0) != 0)
    }

    @Test("kill -9 of the controlplane: the master goes on, and the next life words its end")
    func orphan() async throws {
        let server = try await SSHServer()
        let settings = server.settings()
        let runtime = "\(server.directory.path)/run"
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [settings = settings as SSHSettings, runtime = runtime as String] in
            _ = unsafe mkdir(runtime, 0o755)
            let host = try await SSHHost.prepare(runtime: runtime, watcher: testWatcher)
            let tunnel = SSHTunnel(settings: settings, host: host)
            await tunnel.start(attempt: 1, address: nil)
            for await event in tunnel.events where event == .ready { kill(getpid(), SIGKILL) }
        }
        let lab = try await Lab(server, settings, fresh: false)
        let pid = try #require(lab.pids.first)
        #expect(kill(pid, 0) == 0)
        #expect(await lab.tunnel.adopt())
        try await lab.wait("the endpoint") {
            if case .endpointAdded = $0 { true } else { false }
        }
        #expect(greeting(through: lab.socket, port: server.port)?.hasPrefix("SSH-") == true)
        // It is not our child: its end is seen all the same, and its status is not.
        kill(pid, SIGKILL)
        let all = try await lab.wait("the end") { $0.isEnd }
        guard case .ended(let failure?) = all.last else {
            Issue.record("no reason: \(all)")
            return
        }
        #expect(failure.kind == .lost)
    }

    @Test("what is not wanted any more is ended: other settings, removed tunnels, clean-up")
    func leftovers() async throws {
        let server = try await SSHServer()
        let first = try await Lab(server, server.settings())
        try await first.up()
        var pid = try #require(first.pids.first)
        var changed = server.settings()
        changed.identity = "\(server.directory.path)/bad"
        let second = try await Lab(server, changed, fresh: false)
        #expect(await second.tunnel.adopt() == false)
        #expect(kill(pid, 0) != 0)
        #expect(second.host.records() == [])

        let third = try await Lab(server, server.settings(), fresh: false)
        try await third.up()
        pid = try #require(third.pids.first)
        await third.host.removeLeftovers(keeping: ["home"])
        #expect(kill(pid, 0) == 0)
        await third.host.removeLeftovers(keeping: [])
        #expect(kill(pid, 0) != 0)
        #expect(ProcessFiles.names(in: third.host.runtime) == [])
    }

    @Test("a hung master is found out when an endpoint fails")
    func hung() async throws {
        let server = try await SSHServer()
        let lab = try await Lab(server, server.settings())
        try await lab.up()
        let pid = try #require(lab.pids.first)
        await lab.tunnel.endpointFailed(id: 1)
        #expect(kill(pid, 0) == 0)
        kill(pid, SIGSTOP)
        await lab.tunnel.endpointFailed(id: 1)
        try await lab.wait("the end") { $0.isEnd }
        #expect(kill(pid, 0) != 0)
    }

    @Test("more connections: further masters, one start at a time; empty ones go, the tunnel stays")
    func fleet() async throws {
        let server = try await SSHServer()
        var settings = server.settings()
        settings.idleMs = 500
        settings.connectionsPerMaster = 10
        let lab = try await Lab(server, settings)
        try await lab.up()
        await lab.tunnel.needCapacity(queued: 20)
        try await lab.wait("the third") {
            if case .endpointAdded(3, _, 10) = $0 { true } else { false }
        }
        #expect(Set(lab.pids).count == 3)
        // The first one's death leaves the tunnel up.
        let first = try #require(lab.host.records().first { $0.id == 1 })
        kill(first.process.pid, SIGKILL)
        try await lab.wait("its withdrawal") { $0 == .endpointRemoved(id: 1) }
        try await lab.wait("the third's retirement") { $0 == .endpointRemoved(id: 3) }
        for _ in 0..<500 where lab.pids.count > 1 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(lab.host.records().map(\.id) == [2])
        #expect(!lab.events.all.contains { $0.isEnd })
        #expect(
            greeting(
                through: SSHPaths(runtime: lab.host.runtime, tunnel: "home", id: 2).forward,
                port: server.port)?.hasPrefix("SSH-") == true)
        await lab.tunnel.stop()
    }

    @Test("stop in the middle of a dial leaves nothing")
    func stopWhileDialling() async throws {
        let server = try await SSHServer()
        for delayMs in [0, 5, 20, 60, 120] {
            let lab = try await Lab(server, server.settings())
            await lab.tunnel.start(attempt: 1, address: nil)
            try await Task.sleep(for: .milliseconds(delayMs))
            await lab.tunnel.stop()
            #expect(lab.host.records() == [], "after \(delayMs) ms")
            #expect(ProcessFiles.names(in: "\(lab.host.runtime)/ssh") == [])
        }
    }
}

extension Lab {
    /// Whether a process holds a connection to our server's port: its parent's parent is our sshd's
    /// listener, whose command line names the test's directory.
    fileprivate func serves(_ pid: Int32) throws -> Bool {
        var current = pid
        for _ in 0..<3 {
            guard let stat = try ProcessFiles.text("/proc/\(current)/stat"),
                let end = stat.lastIndex(of: ")"),
                let parent = Int32(
                    stat[stat.index(end, offsetBy: 2)...].split(separator: " ")[1])
            else { return false }
            let line = try ProcessFiles.text("/proc/\(parent)/cmdline") ?? ""
            if line.contains(server.directory.path) { return true }
            current = parent
        }
        return false
    }
}
