import Glibc
import Synchronization
import Testing

@testable import controlplane

/// A real dnsmasq on a high port of 127.0.0.1, with what the test tells it.
final class TestDnsmasq: Sendable {
    static let executable = "/usr/sbin/dnsmasq"
    static let missing: Comment? =
        unsafe access(executable, X_OK) == 0 ? nil : "needs dnsmasq: install dnsmasq-base"

    let directory: TestDirectory
    let port: UInt16
    let process: ProcessHandle

    /// Starts it and waits until it serves.
    init(
        _ lines: String, port: UInt16? = nil, directory: TestDirectory = TestDirectory(),
        environment: [String] = []
    ) async throws {
        self.directory = directory
        let port = try port ?? Self.freePort()
        self.port = port
        directory.write(
            "dnsmasq.conf",
            """
            port=\(port)
            listen-address=127.0.0.1
            bind-interfaces
            no-resolv
            no-hosts
            user=root
            log-facility=-
            pid-file=\(directory.path("dnsmasq.pid"))
            log-queries
            \(lines)

            """)
        let log = try LogFile(path: directory.path("dnsmasq.log"), fresh: true)
        var launch = ProcessLaunch(
            executable: Self.executable,
            arguments: ["--keep-in-foreground", "--conf-file=\(directory.path("dnsmasq.conf"))"],
            output: log.output)
        launch.environment += environment
        process = try launch.start(watcher: testWatcher)
        try await waitFor("dnsmasq serves") { log.tail().contains(": started, ") }
    }

    deinit { process.signal(SIGTERM) }

    var log: String {
        ((try? ProcessFiles.text(directory.path("dnsmasq.log"))) ?? nil) ?? ""
    }

    /// How many queries it was sent.
    func queries(_ name: String) -> Int {
        log.split(separator: "\n").count { $0.contains(": query[") && $0.contains(" \(name) ") }
    }

    func stop() async { await process.terminate(grace: .seconds(2)) }

    /// Below the ports that the kernel gives to clients, who would take one before it is used. Each
    /// is tried once; other processes begin elsewhere.
    private static let ports: Range<UInt16> = 16_384..<32_768
    private static let next = Atomic<UInt16>(UInt16.random(in: 0...UInt16.max))

    /// A port of 127.0.0.1 that nobody has now, neither for UDP nor for TCP.
    static func freePort() throws -> UInt16 {
        for _ in 0..<100 {
            let count = next.wrappingAdd(1, ordering: .relaxed).newValue
            let wanted = ports.lowerBound + count % UInt16(ports.count)
            // A socket is bound once: another try needs another pair.
            let stream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            let datagram = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            defer {
                close(stream)
                close(datagram)
            }
            if bind(stream, wanted) == wanted && bind(datagram, wanted) == wanted { return wanted }
        }
        try #require(Bool(false), "no free port")
        return 0
    }

    private static func bind(_ socket: Int32, _ port: UInt16) -> UInt16 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = port.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.bind(socket, $0, length) == 0
                    ? getsockname(socket, $0, &length) : -1
            }
        }
        return result == 0 ? UInt16(bigEndian: address.sin_port) : 0
    }
}

/// Waits until something holds, and fails the test when it does not in time.
func waitFor(
    _ what: String, atMost limit: Duration = .seconds(20),
    location: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: limit)
    while clock.now < end {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(20))
    }
    try #require(Bool(false), "in vain: \(what)", sourceLocation: location)
}
