import Glibc
import Protocol
import Synchronization
import Testing

@testable import controlplane

/// A tunnel to a real sshd, with its events kept in order.
private final class Lab: Sendable {
    let server: SSHServer
    let host: SSHHost
    let tunnel: SSHTunnel
    let events = SharedEvents()

    init(
        _ server: SSHServer, _ settings: SSHSettings, fresh: Bool = true,
        forward: SSHForward? = nil,
        freePort: @escaping @Sendable () throws(ProcessError) -> UInt16 = {
            () throws(ProcessError) in try LoopbackPort.free()
        }
    ) async throws {
        self.server = server
        let runtime = "\(server.directory.path)/run"
        if fresh { _ = unsafe mkdir(runtime, 0o755) }
        host = try await SSHHost.prepare(
            runtime: runtime, watcher: testWatcher, forward: forward, freePort: freePort)
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

    /// The endpoint that was announced last.
    var endpoint: LocalEndpoint {
        for case .endpointAdded(_, let endpoint, _) in events.all.reversed() { return endpoint }
        return .socket(path: "/nonexistent")
    }

    /// All endpoints that were announced.
    var endpoints: [UInt32: LocalEndpoint] {
        var endpoints: [UInt32: LocalEndpoint] = [:]
        for case .endpointAdded(let id, let endpoint, _) in events.all { endpoints[id] = endpoint }
        return endpoints
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

/// Asks an endpoint by SOCKS5 for a port of 127.0.0.1 and reads the first bytes from there; nil when
/// the gateway could not connect.
private func greeting(through endpoint: LocalEndpoint, port: UInt16) -> String? {
    guard let descriptor = connect(to: endpoint) else { return nil }
    defer { close(descriptor) }
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

/// Somebody who listens on a port of the tunnel clients' address.
private func listener() throws -> (descriptor: Int32, port: UInt16) {
    let port = try LoopbackPort.free()
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = Limits.loopback.bigEndian
    let result = unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    try #require(result == 0 && listen(descriptor, 5) == 0)
    return (descriptor, port)
}

private func connect(to endpoint: LocalEndpoint) -> Int32? {
    let descriptor: Int32
    let result: Int32
    switch endpoint {
    case .socket(let path):
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
            for (index, byte) in path.utf8.enumerated() { unsafe field[index] = byte }
        }
        result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    case .loopback(let port):
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = Limits.loopback.bigEndian
        result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
    if result == 0 { return descriptor }
    close(descriptor)
    return nil
}

@Suite(
    "ssh masters and a real sshd", .serialized,
    .disabled(if: SSHServer.missing != nil, SSHServer.missing))
struct SSHTunnelTests {
    @Test("start, use, a refused port is told, stop leaves nothing", arguments: SSHForward.allCases)
    func life(_ forward: SSHForward) async throws {
        let server = try await SSHServer()
        let lab = try await Lab(server, server.settings(), forward: forward)
        #expect(lab.host.defect == nil)
        try await lab.up()
        #expect(
            lab.events.all.prefix(2) == [
                .endpointAdded(id: 1, lab.endpoint, capacity: 900), .ready,
            ])
        #expect((lab.endpoint.port != nil) == (forward == .loopback))
        var status = stat()
        #expect(unsafe stat("/proc/\(try #require(lab.pids.first))", &status) == 0)
        #expect(status.st_uid == lab.host.user.user)
        #expect(greeting(through: lab.endpoint, port: server.port)?.hasPrefix("SSH-") == true)
        #expect(greeting(through: lab.endpoint, port: 1) == nil)
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

    @Test("a socket is for its owner and the dataplane's group; where ssh can, it is a socket")
    func socketMode() async throws {
        let server = try await SSHServer()
        let lab = try await Lab(server, server.settings())
        try await lab.up()
        guard case .socket(let path) = lab.endpoint else {
            Issue.record("not a socket: \(lab.endpoint)")
            return
        }
        var status = stat()
        #expect(unsafe stat(path, &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o660)
        #expect(status.st_uid == lab.host.user.user)
        // The directory's set-group-ID bit hands the dataplane's group down to the socket.
        let group = ProcessUser.group(named: SSHHost.dataplaneGroupName)
        #expect(status.st_gid == group ?? lab.host.user.group)
        #expect(unsafe stat("\(lab.host.runtime)/ssh", &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o2750)
        await lab.tunnel.stop()
    }

    @Test("a port that somebody took before ssh could: the dial is repeated with another one")
    func takenPort() async throws {
        let server = try await SSHServer()
        let (thief, taken) = try listener()
        defer { close(thief) }
        let given = Mutex(0)
        let lab = try await Lab(server, server.settings(), forward: .loopback) {
            () throws(ProcessError) in
            let count = given.withLock { count in
                count += 1
                return count
            }
            return count == 1 ? taken : try LoopbackPort.free()
        }
        try await lab.up()
        #expect(given.withLock { $0 } == 2)
        #expect(lab.endpoint.port != taken)
        #expect(greeting(through: lab.endpoint, port: server.port)?.hasPrefix("SSH-") == true)
        await lab.tunnel.stop()

        let unlucky = try await Lab(server, server.settings(), forward: .loopback) {
            () throws(ProcessError) in taken
        }
        await unlucky.tunnel.start(attempt: 1, address: "127.0.0.1")
        let failure = try await unlucky.failure()
        #expect(failure?.kind == .configuration)
        #expect(failure?.message.contains("other programs take every port") == true)
        #expect(unlucky.host.records() == [])
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

    @Test(
        "kill -9 of the master is an end with that reason; the next start is not in its way",
        arguments: SSHForward.allCases)
    func killed(_ forward: SSHForward) async throws {
        let server = try await SSHServer()
        let lab = try await Lab(server, server.settings(), forward: forward)
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
        #expect(greeting(through: lab.endpoint, port: server.port)?.hasPrefix("SSH-") == true)
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

    @Test(
        "another life adopts the master, uses it, and sees and words its end",
        arguments: SSHForward.allCases)
    func adoption(_ forward: SSHForward) async throws {
        let server = try await SSHServer()
        let first = try await Lab(server, server.settings(), forward: forward)
        try await first.up()
        let pid = try #require(first.pids.first)

        // What the record says counts, not what a new master would do.
        let second = try await Lab(server, server.settings(), fresh: false)
        #expect(await second.tunnel.adopt())
        #expect(second.events.all == [] || second.events.all.count == 1)
        try await second.wait("the endpoint") {
            $0 == .endpointAdded(id: 1, first.endpoint, capacity: 900)
        }
        #expect(greeting(through: second.endpoint, port: server.port)?.hasPrefix("SSH-") == true)
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
        #expect(greeting(through: lab.endpoint, port: server.port)?.hasPrefix("SSH-") == true)
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
        await third.host.removeLeftovers(keeping: nil)
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

    @Test(
        "more connections: further masters, one start at a time; empty ones go, the tunnel stays",
        arguments: SSHForward.allCases)
    func fleet(_ forward: SSHForward) async throws {
        let server = try await SSHServer()
        var settings = server.settings()
        settings.idleMs = 500
        settings.connectionsPerMaster = 10
        let lab = try await Lab(server, settings, forward: forward)
        try await lab.up()
        await lab.tunnel.needCapacity(queued: 20, by: WorkerPart())
        try await lab.wait("the third") {
            if case .endpointAdded(3, _, 10) = $0 { true } else { false }
        }
        #expect(Set(lab.pids).count == 3)
        let endpoints = lab.endpoints
        #expect(Set(endpoints.values).count == 3)
        // A connection that stands keeps its master, whatever the idle time.
        let third = try #require(endpoints[3])
        let held = try #require(connect(to: third))
        defer { close(held) }
        try await lab.wait("the second's retirement") { $0 == .endpointRemoved(id: 2) }
        for _ in 0..<500 where lab.pids.count > 2 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(lab.host.records().map(\.id) == [1, 3])
        #expect(!lab.events.all.contains(.endpointRemoved(id: 3)))
        // The first one's death leaves the tunnel up.
        let first = try #require(lab.host.records().first)
        kill(first.process.pid, SIGKILL)
        try await lab.wait("its withdrawal") { $0 == .endpointRemoved(id: 1) }
        #expect(!lab.events.all.contains { $0.isEnd })
        #expect(greeting(through: third, port: server.port)?.hasPrefix("SSH-") == true)
        await lab.tunnel.stop()
    }

    @Test("stop in the middle of a dial leaves nothing", arguments: SSHForward.allCases)
    func stopWhileDialling(_ forward: SSHForward) async throws {
        let server = try await SSHServer()
        for delayMs in [0, 5, 20, 60, 120] {
            let lab = try await Lab(server, server.settings(), forward: forward)
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
