import FoundationEssentials
import Glibc
import Subprocess
import Testing

@testable import controlplane

/// Runs `ResolvedInNamespaceTests` beside a real systemd-resolved: in namespaces of its own for the
/// network, for mounts and for processes, because resolved insists on its user, its bus and its
/// place under /run.
@Suite("systemd-resolved")
struct ResolvedTests {
    /// Installed, or unpacked by Scripts/fetch-resolved.
    static let executable: String? = {
        let root = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()
        let places = [
            "/lib/systemd/systemd-resolved", "/usr/lib/systemd/systemd-resolved",
            "\(root)/.build/lab/resolved/lib/systemd/systemd-resolved",
        ]
        return places.first { unsafe access($0, X_OK) == 0 }
    }()

    static let missing: Comment? =
        if geteuid() != 0 {
            "needs root"
        } else if executable == nil {
            "needs systemd-resolved: run Scripts/fetch-resolved"
        } else {
            TestBus.missing
        }

    @Test(
        "in namespaces of its own", .enabled(if: missing == nil),
        .enabled(if: !Namespace.isInside), .timeLimit(.minutes(3)))
    func inNamespace() async throws {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let bundle = CommandLine.arguments.dropFirst().filter { $0.hasSuffix(".xctest") }
        let command = ([program] + bundle).map { "'\($0)'" }.joined(separator: " ")
        let directory = TestDirectory()
        directory.write("bus.conf", TestBus.configuration("/run/dbus/system_bus_socket"))
        let script = """
            set -e
            cp /etc/passwd /etc/group \(directory.path)
            echo systemd-resolve:x:64020:64020::/:/bin/false >> \(directory.path)/passwd
            echo systemd-resolve:x:64020: >> \(directory.path)/group
            mount --bind \(directory.path)/passwd /etc/passwd
            mount --bind \(directory.path)/group /etc/group
            mount -t tmpfs none /run
            mkdir -p /run/dbus /run/systemd/resolve
            chown 64020:64020 /run/systemd/resolve
            ip link set lo up
            dbus-daemon --config-file=\(directory.path)/bus.conf --nofork --nopidfile &
            exec \(command) --testing-library swift-testing --filter ResolvedInNamespaceTests
            """
        let result = try await run(
            .name("unshare"),
            arguments: [
                "--net", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child",
                "--mount-proc", "sh", "-c", script,
            ],
            environment: .inherit.updating(["DVPN_HOST_NAMESPACE": "1"]),
            output: .string(limit: 1 << 20), error: .combinedWithOutput)
        #expect(result.terminationStatus == .exited(0), "\(result.standardOutput)")
        #expect(result.standardOutput.contains("1 test "), "\(result.standardOutput)")
    }
}

@Suite(
    "systemd-resolved, inside the namespaces",
    .enabled(if: Namespace.isInside && ResolvedTests.missing == nil))
struct ResolvedInNamespaceTests {
    @Test("asks us for private names and nobody else, also after a restart of its own or of dvpn0")
    func life() async throws {
        let fixture = try await NameFixture()
        let doorbell = try await device()
        var resolved = try await start(fixture)
        var settings = DNSSettings()
        settings.host = .resolved
        settings.upstream = [.loopback(port: fixture.world.port)]
        let bus = Bus(address: nil, watcher: testWatcher)
        let service = fixture.service(settings, bus: bus)
        try await service.start()
        var zone = fixture.zone()
        await service.apply([zone])
        #expect(await service.findings() == [])
        #expect(try await look("www.corp.example") == "10.66.0.80")
        #expect(try await look("vpn.corp.example") == "203.0.113.7")
        // Public names are none of ours: nobody here is asked for them.
        #expect(try await look("www.example.net") == nil)
        #expect(fixture.world.queries("www.example.net") == 0)
        zone = fixture.zone(["corp.example", "lab.example"])
        await service.apply([zone])
        #expect(try await look("host.lab.example") == "10.66.0.82")

        await resolved.terminate(grace: .seconds(2))
        resolved = try await start(fixture)
        try await waitFor("the next one has been told too") {
            try await look("www.corp.example") == "10.66.0.80"
        }
        doorbell.close()
        try await Namespace.shell("ip link delete dvpn0")
        let another = try await device()
        await service.deviceChanged()
        try await waitFor("the next device has it all") {
            try await look("www.corp.example") == "10.66.0.80"
        }
        await service.stop(leavingManaged: false)
        #expect(try await look("www.corp.example") == nil)
        another.close()
        await resolved.terminate(grace: .seconds(2))
    }

    /// A doorbell with somebody at its other end, which a link needs for resolved.
    private func device() async throws -> OpenQueue {
        try await Namespace.shell(
            """
            ip tuntap add dev dvpn0 mode tun multi_queue
            ip addr add 192.0.0.8/32 dev dvpn0; ip link set dvpn0 up
            """)
        return OpenQueue(raw: try #require(try DoorbellQueues.open(1).first))
    }

    private struct OpenQueue {
        let raw: Int32
        func close() { _ = Glibc.close(raw) }
    }

    private func start(_ fixture: NameFixture) async throws -> ProcessHandle {
        let log = try LogFile(path: fixture.directory.path("resolved.log"), fresh: true)
        let process = try ProcessLaunch(
            executable: try #require(ResolvedTests.executable), arguments: [],
            output: log.output
        ).start(watcher: testWatcher)
        try await waitFor("resolved is on the bus") {
            try await Namespace.shell("busctl --system list --acquired").contains(
                ResolvedLink.service)
        }
        return process
    }

    /// The address that resolved has for a name.
    private func look(_ name: String) async throws -> String? {
        // AF_INET, no flags.
        let text = try await Namespace.shell(
            """
            busctl --system --timeout=5 --json=short call org.freedesktop.resolve1 \
            /org/freedesktop/resolve1 org.freedesktop.resolve1.Manager ResolveHostname isit \
            0 \(name) 2 0
            """)
        guard let start = text.firstRange(of: "[[[")?.upperBound else { return nil }
        let numbers = text[start...].drop { $0 != "[" }.dropFirst().prefix { $0 != "]" }
        return numbers.split(separator: ",").joined(separator: ".")
    }
}
