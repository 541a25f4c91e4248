import Glibc
import Testing

@testable import controlplane

/// The installed ssh, and what older ones would say in its place.
@Suite("asking the ssh client at start-up")
struct SSHProbeTests {
    private let place = TestDirectory()

    @Test(
        "the installed one takes a path, a port where one is wanted, and AES where the CPU has it")
    func installed() async throws {
        let processors = try ProcessFiles.text("/proc/cpuinfo")
        let hasAES = SSHConfiguration.hasAES(cpuinfo: processors ?? "")
        let host = try await prepare("/usr/bin/ssh")
        #expect(host.defect == nil)
        #expect(host.way == SSHWay(forward: .socket, hasAES: hasAES))
        #expect(!host.notes.contains { $0.contains("loopback") })
        let forced = try await prepare("/usr/bin/ssh", forward: .loopback)
        #expect(forced.defect == nil)
        #expect(forced.way == SSHWay(forward: .loopback, hasAES: hasAES))
    }

    @Test("one that takes no path after -D gets a port, and a note says so")
    func withoutPaths() async throws {
        let old = try script(
            """
            for word; do case $word in /*/probe)
                echo "Bad dynamic forwarding specification '$word'" >&2; exit 255
            esac; done
            """)
        let host = try await prepare(old)
        #expect(host.defect == nil)
        #expect(host.way.forward == .loopback)
        #expect(host.notes.contains { $0.contains("no dynamic forward on a Unix socket") })
        // Nobody falls back from what is forced.
        let forced = try await prepare(old, forward: .socket)
        #expect(forced.defect?.message.contains("Bad dynamic forwarding specification") == true)
    }

    @Test("one that cannot put a cipher in front keeps its own list")
    func withoutCarets() async throws {
        let old = try script(
            """
            case $1 in -F) if grep -q 'Ciphers ^' "$2"; then
                echo "$2: line 33: Bad SSH2 cipher spec" >&2; exit 255
            fi; esac
            """)
        let host = try await prepare(old)
        #expect(host.defect == nil)
        #expect(host.way == SSHWay(forward: .socket, hasAES: false))
    }

    @Test("one that is missing, another program, and one that does not know our options")
    func defects() async throws {
        let missing = try await prepare("/nonexistent/ssh")
        #expect(missing.defect?.message.contains("install openssh-client") == true)
        let other = try await prepare(script("echo Dropbear v2022.83 >&2; exit 1"))
        #expect(other.defect?.message.contains("Dropbear v2022.83") == true)
        let old = try script(
            """
            case $1 in -F) echo "$2: line 14: Bad configuration option: updatehostkeys"; exit 255
            esac
            """)
        let defect = try await prepare(old).defect
        #expect(defect?.message.contains("Bad configuration option: updatehostkeys") == true)
    }

    private func prepare(_ executable: String, forward: SSHForward? = nil) async throws -> SSHHost {
        try await SSHHost.prepare(
            runtime: place.path, watcher: testWatcher, executable: executable, forward: forward)
    }

    /// A program that looks at its arguments, and is the installed ssh for all that it lets pass.
    private func script(_ lines: String) throws -> String {
        place.write("old-ssh", "#!/bin/sh\n\(lines)\nexec /usr/bin/ssh \"$@\"\n", mode: 0o755)
        // The masters' user has to get there.
        _ = unsafe chmod(place.path, 0o755)
        return place.path("old-ssh")
    }
}
