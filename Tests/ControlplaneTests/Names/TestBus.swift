import Glibc
import Testing

@testable import controlplane

/// A dbus-daemon of the test's own, on which everybody may do everything.
final class TestBus: Sendable {
    static let missing: Comment? = {
        for program in ["dbus-daemon", "busctl"]
        where unsafe access(Tool.locate(program), X_OK) != 0 {
            return "needs \(program): install dbus-daemon and systemd"
        }
        return TestDnsmasq.missing
    }()

    let directory = TestDirectory()
    let address: String
    private let process: ProcessHandle

    var bus: Bus { Bus(address: address, watcher: testWatcher) }
    /// For programs that use the system's bus.
    var environment: [String] { ["DBUS_SYSTEM_BUS_ADDRESS=\(address)"] }

    init() async throws {
        let socket = directory.path("bus")
        address = "unix:path=\(socket)"
        directory.write("bus.conf", Self.configuration(socket))
        process = try ProcessLaunch(
            executable: Tool.locate("dbus-daemon"),
            arguments: ["--config-file=\(directory.path("bus.conf"))", "--nofork", "--nopidfile"]
        ).start(watcher: testWatcher)
        try await waitFor("the bus is there") { unsafe access(socket, F_OK) == 0 }
    }

    deinit { process.signal(SIGTERM) }

    static func configuration(_ socket: String) -> String {
        """
        <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
         "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
        <busconfig>
          <type>system</type>
          <listen>unix:path=\(socket)</listen>
          <auth>EXTERNAL</auth>
          <policy context="default">
            <allow user="*"/>
            <allow own="*"/>
            <allow send_type="method_call"/>
            <allow send_type="signal"/>
            <allow send_requested_reply="true" send_type="method_return"/>
            <allow send_requested_reply="true" send_type="error"/>
            <allow receive_type="method_call"/>
            <allow receive_type="method_return"/>
            <allow receive_type="error"/>
            <allow receive_type="signal"/>
          </policy>
        </busconfig>
        """
    }
}
