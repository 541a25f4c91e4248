import CLinux
import Glibc
import Testing

@testable import controlplane

@Suite("clients in units of systemd")
struct ClientUnitTests {
    @Test(
        "a unit's name says what it is, in letters that systemd takes",
        arguments: [
            (ClientUnit.tunnel(device: "dv-work"), "dvpn-tunnel@dv-work.service"),
            (.tunnel(device: "a%b/ü"), "dvpn-tunnel@a\\x25b\\x2f\\xc3\\xbc.service"),
            (.tunnel(device: "\u{1}"), "dvpn-tunnel@\\x01.service"),
            (.ssh(gateway: "198.51.100.2-1a2b", id: 3), "dvpn-ssh@198.51.100.2-1a2b-3.service"),
            (.ssh(gateway: "2001:db8::1-1a", id: 1), "dvpn-ssh@2001:db8::1-1a-1.service"),
            (.dnsmasq, "dvpn-dnsmasq.service"),
        ])
    func names(_ unit: ClientUnit, _ name: String) {
        #expect(unit.rawValue == name)
        #expect(ClientUnit(rawValue: name) == unit)
    }

    @Test("of a long name the end stays, and systemd's limit is kept")
    func long() {
        let name = String(repeating: "%", count: 300) + "-1a2b"
        let unit = ClientUnit.ssh(gateway: name, id: .max)
        #expect(unit.rawValue.hasSuffix("-1a2b-4294967295.service"))
        #expect(unit.rawValue.utf8.count < 255)
        #expect(unit.socket("/run/dvpn").utf8.count < 100)
    }

    @Test(
        "a process's unit is the last part of its control group, if that is a client's",
        arguments: [
            (
                "0::/system.slice/system-dvpn\\x2dssh.slice/dvpn-ssh@a-1.service\n",
                "dvpn-ssh@a-1.service"
            ),
            ("0::/dvpn-dnsmasq.service\n", "dvpn-dnsmasq.service"),
            (
                "12:pids:/x\n1:name=systemd:/system.slice/dvpn-tunnel@dv-a.service\n",
                "dvpn-tunnel@dv-a.service"
            ),
            ("1:name=systemd:/\n0::/x/dvpn-tunnel@dv-a.service\n", "dvpn-tunnel@dv-a.service"),
            ("0::/system.slice/dvpn-controlplane.service\n", nil),
            ("0::/system.slice/dvpn-ssh@.service\n", nil),
            ("0::/dvpn-ssh@a-1.service/inner\n", nil),
            ("0::/\n", nil),
            ("", nil),
        ])
    func controlGroups(_ text: String, _ name: String?) {
        #expect(ClientUnit(cgroup: text)?.rawValue == name)
    }

    @Test("a launch is read as it was written, and nothing else is read")
    func orders() throws {
        var launch = ProcessLaunch(executable: "/bin/x", arguments: ["", "a b", "ü"])
        launch.fileBytesMax = 7
        let order = LaunchOrder(launch)
        #expect(LaunchOrder(order.bytes) == order)
        #expect(LaunchOrder.length(order.frame) == order.bytes.count)
        #expect(Array(order.frame.dropFirst(4)) == order.bytes)
        var bare = LaunchOrder(ProcessLaunch(executable: "/x", arguments: []))
        bare.environment = []
        #expect(LaunchOrder(bare.bytes) == bare)
        #expect(LaunchOrder([]) == nil)
        #expect(LaunchOrder(Array("x".utf8)) == nil)
        #expect(LaunchOrder(Array("x\u{0}0\u{0}0\u{0}0\u{0}1\u{0}".utf8)) == nil)
        #expect(LaunchOrder.length([0, 0, 0, 0]) == nil)
        #expect(LaunchOrder.length([0, 0, 0, 1]) == nil)
    }

    @Test("bytes and files go over a socket that is its owner's alone")
    func handover() throws {
        let directory = TestDirectory()
        let path = "\(directory.path)/s"
        let listener = Descriptor(adopting: Int32(unsafe cl_listen(path, geteuid())))
        var status = stat()
        #expect(unsafe stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(cl_accept(listener.raw) == -Int(EAGAIN))
        let client = Descriptor(adopting: Int32(unsafe cl_connect(path)))
        let server = Descriptor(adopting: Int32(cl_accept(listener.raw)))
        #expect(cl_peer_pid(server.raw) == Int(getpid()))
        let (output, input) = try Descriptor.pipe()
        #expect(unsafe cl_send(server.raw, "hello", 5, [output.raw], 1) == 5)
        var bytes = [UInt8](repeating: 0, count: 8)
        var files: [Int32] = [-2, -2]
        #expect(unsafe cl_receive(client.raw, &bytes, 8, &files, 2) == 5)
        #expect(files[0] >= 0 && files[1] == -1)
        let copy = Descriptor(adopting: files[0])
        #expect(unsafe Glibc.write(input.raw, "x", 1) == 1)
        #expect(unsafe Glibc.read(copy.raw, &bytes, 8) == 1)
    }

    @Test("a process in no unit of ours has none, and where nobody starts units it is a child")
    func child() async throws {
        #expect(ClientUnit(of: getpid()) == nil)
        var seen: Int32 = 0
        let process = try await ProcessLaunch(executable: "/bin/sh", arguments: ["-c", "exit 7"])
            .start(in: .dnsmasq, watcher: testWatcher) { (pid) throws(ProcessError) in seen = pid }
        #expect(process.pid == seen)
        #expect(await process.wait() == .status(7))
    }
}
