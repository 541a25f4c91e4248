import CLinux
import Glibc
import Protocol
import Testing

@testable import controlplane

@Suite("The listeners of forwards")
struct ForwardListenersTests {
    private let directory = TestDirectory()
    private var path: String { directory.path("a.sock") }

    private func settings(
        _ listener: ForwardSettings.Listener, to name: String = "a"
    ) -> ForwardSettings {
        let place = SourcePosition(file: "dvpn.toml", line: 6, column: 10)
        return ForwardSettings(
            listener: listener, target: .name(name), port: 25, network: "home",
            places: .init(listen: place, target: place, network: place))
    }

    private func tcp(_ port: UInt16) -> ForwardSettings.Listener {
        .tcp(Endpoint(family: .ipv4, address: Address(ipv4: 0x7f00_0001), port: port))
    }

    private func listeners() -> ForwardListeners { ForwardListeners(runtime: directory.path) }

    private func socket(mode: Int = 0o600) -> ForwardSettings.Listener {
        .unix(path: path, mode: mode, group: nil)
    }

    private func mode() -> UInt32? { status()?.mode }
    private func inode() -> UInt64? { status()?.inode }

    private func status() -> cl_file? {
        var file = cl_file()
        return cl_status(path, &file) == 0 ? file : nil
    }

    @Test("what stays is not touched, what is new is opened, what is gone is closed")
    func change() throws {
        let (one, other) = (tcp(try TestDnsmasq.freePort()), tcp(try TestDnsmasq.freePort()))
        var listeners = listeners()
        #expect(listeners.tryAll([settings(one), settings(socket())]).failures == [])
        let kept = try #require(listeners.open[one]).socket
        let wanted = [settings(one, to: "b"), settings(other)]
        let change = listeners.take(wanted, try listeners.prepare(wanted))
        #expect(Set(change.added.map(\.listener)) == [one, other])
        #expect(change.removed.map(\.listener) == [socket()])
        #expect(listeners.open[one]?.socket === kept)
        #expect(mode() == nil)
        #expect(listeners.take(wanted, try listeners.prepare(wanted)).added.isEmpty)
    }

    @Test("a socket with another mode takes the place of the earlier one")
    func otherMode() throws {
        var listeners = listeners()
        _ = listeners.tryAll([settings(socket())])
        #expect(mode() == 0o600)
        let wanted = [settings(socket(mode: 0o666))]
        let change = listeners.take(wanted, try listeners.prepare(wanted))
        #expect(change.added == wanted && change.removed.isEmpty)
        #expect(mode() == 0o666)
        #expect(listeners.open.count == 1)
    }

    @Test("what was prepared and is dropped leaves the forward that has its path as it was")
    func dropped() throws {
        var listeners = listeners()
        _ = listeners.tryAll([settings(socket())])
        let before = try #require(inode())
        listeners.drop(try listeners.prepare([settings(socket(mode: 0o666))]))
        #expect(inode() == before && mode() == 0o600)
        // Another one of the same change that cannot be had drops it as well.
        directory.write("b.sock", "no socket")
        let other = ForwardSettings.Listener.unix(
            path: directory.path("b.sock"), mode: 0o600, group: nil)
        #expect(throws: ForwardFailure.self) {
            try listeners.prepare([settings(socket(mode: 0o666)), settings(other)])
        }
        #expect(inode() == before && mode() == 0o600)
        #expect(
            Set(ProcessFiles.names(in: directory.path)) == ["a.sock", "b.sock", "forwards.json"])
    }

    @Test("a socket that cannot be put to its place is tried again as one that could not be had")
    func unplaced() throws {
        var listeners = listeners()
        let wanted = [settings(socket())]
        let prepared = try listeners.prepare(wanted)
        // Somebody has made a directory there meanwhile.
        directory.makeDirectory("a.sock")
        #expect(listeners.take(wanted, prepared).added.isEmpty && listeners.open.isEmpty)
        #expect(listeners.tryAll(wanted).failures.count == 1)
        rmdir(path)
        #expect(listeners.tryAll(wanted).opened == wanted)
    }

    @Test("a place that another program has is told, and what was opened before it is closed")
    func taken() throws {
        let port = try TestDnsmasq.freePort()
        let other = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(other, $0, length) }
        }
        try #require(bound == 0 && listen(other, 1) == 0)
        let wanted = [settings(socket()), settings(tcp(port))]
        var listeners = listeners()
        #expect {
            _ = try listeners.prepare(wanted)
        } throws: {
            "\($0)".hasPrefix(
                "dvpn.toml:6:10: error: 127.0.0.1:\(port) is in use by another program; ")
        }
        #expect(mode() == nil)
        // At a start it is a failure, told once, and no news for a reload.
        #expect(listeners.tryAll(wanted).failures.count == 1)
        #expect(listeners.tryAll(wanted).failures == [])
        #expect(try listeners.prepare(wanted).isEmpty)
        #expect(listeners.failures.count == 1 && listeners.open.count == 1)
        close(other)
        #expect(listeners.tryAll(wanted).opened.map(\.listener) == [tcp(port)])
        #expect(listeners.failures.isEmpty)
    }

    @Test("the socket of an earlier life is replaced though somebody listens; another's is not")
    func formerLife() throws {
        var first = listeners()
        _ = first.tryAll([settings(socket())])
        var second = listeners()
        #expect(second.tryAll([settings(socket())]).failures == [])
        // Without the record it might be anybody's.
        AtomicFile.remove(directory.path("forwards.json"))
        var third = listeners()
        #expect(third.tryAll([settings(socket())]).failures.count == 1)
        directory.write("a.sock", "no socket")
        var fourth = listeners()
        #expect(fourth.tryAll([settings(socket())]).failures.count == 1)
    }

    @Test("the end of everything leaves no socket of ours")
    func cleanUp() {
        var listeners = listeners()
        _ = listeners.tryAll([settings(socket())])
        ForwardListeners.cleanUp(runtime: directory.path)
        #expect(mode() == nil && ProcessFiles.names(in: directory.path).isEmpty)
    }
}
