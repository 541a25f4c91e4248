import FoundationEssentials
import Glibc
import Subprocess
import Testing

@testable import controlplane

/// Runs the tests that need real VPN gateways on the gateway of a laboratory (Tests/Lab): a whole
/// new process there, because namespaces belong to processes.
@Suite("clients with real gateways")
struct GatewayLabTests {
    @Test(
        "on a gateway of their own", .enabled(if: !GatewayLab.isInside),
        .disabled(if: GatewayLab.missing != nil, GatewayLab.missing), .timeLimit(.minutes(10)))
    func inLab() async throws {
        let name = "clients-\(getpid())"
        let tests =
            [try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")]
            + CommandLine.arguments.dropFirst().filter { $0.hasSuffix(".xctest") }
            + ["--testing-library", "swift-testing", "--filter", "OnGatewayTests"]
        let up = try await GatewayLab.lab(["up", "--vpn", name])
        #expect(up.exit == .status(0), "\(up.text)")
        let result = try await GatewayLab.lab(
            ["exec", name, "gw", "env", "DVPN_GATEWAY_LAB=/tmp/dvpn-lab-\(name)"] + tests)
        #expect(result.exit == .status(0), "\(result.text)")
        #expect(result.text.contains("passed"), "\(result.text)")
        _ = try await GatewayLab.lab(["down", name])
    }
}

/// They share one gateway and one device name, so that they run one after the other.
@Suite("on a gateway", .serialized, .enabled(if: GatewayLab.isInside))
enum OnGatewayTests {}

/// The laboratory, from outside and from inside.
enum GatewayLab {
    /// The concentrator's address, which ocserv and openvpn have too.
    static let gateway = "198.51.100.3"
    static let device = "dv-work"

    private static let named = ProcessInfo.processInfo.environment["DVPN_GATEWAY_LAB"]

    static var isInside: Bool { named != nil }
    /// The lab's directory, with keys and logs.
    static var directory: String { named ?? "/nonexistent" }

    /// Why these tests cannot run here, or nil.
    static let missing: Comment? =
        if geteuid() != 0 {
            "needs root"
        } else if let program = ["vpnc", "openconnect", "ocserv", "openvpn", "charon-systemd"]
            .first(
                where: { ClientHost.locate($0) == nil })
        {
            "needs \(program): run Scripts/install-packages"
        } else {
            nil
        }

    /// Where the tests and the programs were built.
    static let build: String = {
        let path = ProcessFiles.link("/proc/self/exe") ?? ""
        return path.split(separator: "/").dropLast().map { "/\($0)" }.joined()
    }()

    static func lab(_ arguments: [String]) async throws -> ProcessHelper.Answer {
        let root = #filePath.split(separator: "/").dropLast(5).map { "/\($0)" }.joined()
        // What our helpers may write is limited; what the lab's servers may write is not.
        return try await ProcessHelper.run(
            ProcessLaunch(
                executable: "/usr/bin/python3", arguments: ["\(root)/Tests/Lab/lab"] + arguments,
                fileBytesMax: .max),
            limit: .seconds(540), watcher: testWatcher)
    }

    @discardableResult
    static func shell(_ script: String) async throws -> String {
        try await ProcessHelper.run(
            ProcessLaunch(executable: "/bin/sh", arguments: ["-c", script]), limit: .seconds(60),
            watcher: testWatcher
        ).text
    }

    /// What foreign scripts may break, as text, byte for byte.
    static func hostState() async throws -> String {
        try await shell(
            """
            ip -4 route show default; ip -6 route show default; ip -4 route show \(gateway)
            readlink /etc/resolv.conf; stat -c '%a %u %g' /etc/resolv.conf; cat /etc/resolv.conf
            """)
    }
}

/// One tunnel on the lab's gateway, with directories of its own.
final class ClientLab: Sendable {
    let directory: TestDirectory
    let host: ClientHost
    let tunnel: ClientTunnel
    let events: EventBook
    let name: String

    /// - Parameter earlier: a lab whose runtime and state directories this life goes on with.
    init(
        _ program: any ClientProgram, earlier: ClientLab? = nil, name: String = "work",
        answerLimit: Duration = .seconds(120)
    ) throws {
        directory = earlier?.directory ?? TestDirectory()
        host = try Self.host(directory.path)
        tunnel = ClientTunnel(
            name: name, program: program, host: host, answerLimit: answerLimit)
        events = EventBook(tunnel)
        self.name = name
    }

    static func host(_ path: String) throws -> ClientHost {
        for directory in ["run", "state"] { _ = unsafe mkdir("\(path)/\(directory)", 0o755) }
        return try ClientHost.prepare(
            runtime: "\(path)/run", state: "\(path)/state", watcher: testWatcher,
            program: "\(GatewayLab.build)/dvpn-controlplane")
    }

    func up(location: SourceLocation = #_sourceLocation) async throws -> TunnelDevice {
        await tunnel.start(attempt: 1, address: GatewayLab.gateway)
        return try await events.up(location: location)
    }

    /// The client's process, as it is written down.
    var pid: Int32? { host.records().first?.process?.pid }

    /// Nothing of a client is left: processes, device, files.
    func expectNothing(location: SourceLocation = #_sourceLocation) async throws {
        #expect(
            ProcessFiles.names(in: ClientPaths.directory(host.runtime)) == [],
            sourceLocation: location)
        #expect(!TunnelDevices.exists(GatewayLab.device), sourceLocation: location)
        let mark = ClientHost.mark(ClientPaths(runtime: host.runtime, tunnel: name))
        for pid in ProcessFiles.names(in: "/proc") where Int32(pid) != nil {
            let environment = ((try? ProcessFiles.text("/proc/\(pid)/environ")) ?? nil) ?? ""
            let line = ((try? ProcessFiles.text("/proc/\(pid)/cmdline")) ?? nil) ?? ""
            #expect(!environment.contains(mark), "\(line)", sourceLocation: location)
        }
    }
}

extension VPNC {
    /// A client of the lab's concentrator, with whatever is to be wrong about it.
    static func lab(
        host: String = GatewayLab.gateway, group: String = "labgroup", secret: String = "group",
        username: String = "alice", password: Secret? = nil,
        dhGroup: VPNCClient.DHGroup = .dh2, script: String? = nil
    ) -> VPNC {
        func file(_ name: String) -> Secret {
            .file("\(GatewayLab.directory)/vpngw/\(name).secret")
        }
        return VPNC(
            client: VPNCClient(
                host: host, device: GatewayLab.device, group: group, groupSecret: file(secret),
                username: username, password: password ?? file("password"), dhGroup: dhGroup,
                script: script))
    }

    static func wrongPassword(script: String? = nil) -> VPNC {
        lab(password: .file("\(GatewayLab.directory)/vpngw/wrong.secret"), script: script)
    }
}
