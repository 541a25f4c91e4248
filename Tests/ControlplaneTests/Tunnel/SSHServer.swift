import Glibc
import Testing

@testable import controlplane

/// A real sshd for one test: own keys, own configuration, a high port on 127.0.0.1.
///
/// It runs in a private mount namespace with its own passwd, where user `gw` exists, which takes
/// root. Nothing outside the test's directory is changed.
final class SSHServer: Sendable {
    static let user = "gw"
    let directory = TestDirectory()
    let port: UInt16
    private let process: ProcessHandle

    /// Where an sshd may be: installed, or unpacked by the lab.
    static let executable: String? = {
        let root = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()
        let named = unsafe getenv("DVPN_SSHD").map { unsafe String(cString: $0) }
        let places = [named, "/usr/sbin/sshd", "\(root)/.build/lab/sshd/usr/sbin/sshd"]
        return places.compactMap(\.self).first { unsafe access($0, X_OK) == 0 }
    }()

    /// Why the tests with a real sshd cannot run here, or nil.
    static let missing: Comment? =
        if geteuid() != 0 {
            "needs root"
        } else if executable == nil {
            "needs sshd: install openssh-server or set DVPN_SSHD"
        } else {
            nil
        }

    /// Makes keys (`good` may log in, `bad` may not), starts the server and waits until it listens.
    init(options: String = "") async throws {
        port = try LoopbackPort.free(on: 0x7f00_0001)
        for key in ["host", "other-host", "good", "bad"] {
            let made = try await ProcessHelper.run(
                ProcessLaunch(
                    executable: "/usr/bin/ssh-keygen",
                    arguments: [
                        "-q", "-t", "ed25519", "-N", "", "-f", "\(directory.path)/\(key)",
                    ]), limit: .seconds(10), watcher: testWatcher)
            try #require(made.exit == .status(0), "\(made.text)")
            // Where dvpn is installed, masters run as a user of their own.
            if let masters = ProcessUser.named(SSHHost.masterUserName) {
                _ = unsafe chown("\(directory.path)/\(key)", masters.user, masters.group)
            }
        }
        let key = try Self.text("\(directory.path)/good.pub")
        directory.write("authorized", key)
        directory.write(
            "sshd.conf",
            """
            Port \(port)
            ListenAddress 127.0.0.1
            HostKey \(directory.path)/host
            AuthorizedKeysFile \(directory.path)/authorized
            UsePAM no
            StrictModes no
            PidFile none
            LogLevel VERBOSE
            \(options)
            """)
        directory.write(
            "known_hosts", "[127.0.0.1]:\(port) \(try Self.text("\(directory.path)/host.pub"))")
        directory.write(
            "changed_hosts",
            "[127.0.0.1]:\(port) \(try Self.text("\(directory.path)/other-host.pub"))")
        directory.write(
            "passwd",
            """
            root:x:0:0::/root:/bin/sh
            sshd:x:64010:65534::/:/usr/sbin/nologin
            gw:x:64011:65534::/:/bin/sh

            """)
        directory.write("shadow", "root:*:19000::::::\nsshd:*:19000::::::\ngw:x:19000::::::\n")
        process = try Self.launch(directory.path).start(watcher: testWatcher)
        try await waitUntilListening()
    }

    deinit { process.signal(SIGTERM) }

    /// Ends the listener; connections that stand have processes of their own.
    func stop() async { await process.terminate(grace: .seconds(2)) }

    func settings(
        _ name: String = "home", identity: String = "good", knownHosts: String = "known_hosts"
    ) -> SSHSettings {
        SSHSettings(
            name: name, gateway: "127.0.0.1", user: Self.user, port: port,
            identity: "\(directory.path)/\(identity)",
            knownHosts: "\(directory.path)/\(knownHosts)", connectTimeoutSeconds: 5)
    }

    private static func launch(_ directory: String) throws -> ProcessLaunch {
        let server = try #require(executable)
        let command = "\(server) -D -e -f \(directory)/sshd.conf"
        let log = try LogFile(path: "\(directory)/sshd.log", fresh: true)
        let mounts = """
            mount --bind \(directory)/passwd /etc/passwd && mount --bind \(directory)/shadow \
            /etc/shadow && mount -t tmpfs none /run && mkdir /run/sshd && exec \(command)
            """
        return ProcessLaunch(
            executable: "/usr/bin/unshare",
            arguments: ["--mount", "--propagation", "private", "/bin/sh", "-c", mounts],
            output: log.output)
    }

    private func waitUntilListening() async throws {
        for _ in 0..<500 {
            let log = try Self.text("\(directory.path)/sshd.log")
            if log.contains("Server listening") { return }
            try #require(!process.hasEnded, "sshd ended: \(log)")
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("sshd does not listen")
    }

    static func text(_ path: String) throws -> String { try ProcessFiles.text(path) ?? "" }
}
