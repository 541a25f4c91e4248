import FoundationEssentials
import Subprocess
import Testing

@testable import controlplane

extension HostInNamespaceTests {
    /// Ports of tunnel clients on the loopback address, with real users. Runs inside the namespace
    /// of `HostNamespaceTests`.
    @Suite("Loopback endpoints")
    struct EndpointGuard {
        private static let dataplane: UInt32 = 998
        private static let ssh: UInt32 = 997
        private static let stranger: UInt32 = 65534

        /// What connect(2) says when `caller` tries a port that `listener` has.
        @Test(
            "only the dataplane connects, only the tunnel clients' user is heard",
            arguments: [
                (dataplane, ssh, "connected"), (0, ssh, "connected"), (dataplane, 0, "connected"),
                (stranger, ssh, "refused"), (ssh, ssh, "refused"), (dataplane, stranger, "timeout"),
                (dataplane, dataplane, "timeout"), (0, stranger, "timeout"),
            ])
        func access(_ caller: UInt32, _ listener: UInt32, _ result: String) async throws {
            let directory = TestDirectory()
            try await Namespace.build()
            let executor = HostExecutor(
                runtimeDirectory: directory.path, deviceOwner: Self.dataplane)
            _ = try await executor.apply(HostSamples.everything)
            let text = try await Namespace.shell(
                """
                port=$(mktemp -u \(directory.path)/port.XXXXXX); chmod 777 \(directory.path)
                setpriv --reuid \(listener) --clear-groups /usr/bin/python3 -c '
                import os, socket, sys
                server = socket.create_server(("\(HostNames.loopback)", 0))
                open(sys.argv[1] + ".new", "w").write(str(server.getsockname()[1]))
                os.rename(sys.argv[1] + ".new", sys.argv[1])
                server.accept()' $port & server=$!
                until [ -e $port ]; do kill -0 $server || exit; done
                setpriv --reuid \(caller) --clear-groups /usr/bin/python3 -c '
                import socket, sys
                try:
                    socket.create_connection(("\(HostNames.loopback)", int(sys.argv[1])), 0.5)
                    print("connected")
                except ConnectionRefusedError: print("refused")
                except TimeoutError: print("timeout")' $(cat $port)
                kill $server 2> /dev/null
                """)
            #expect(text == result + "\n")
            try await executor.cleanup()
        }

        @Test("nobody on the network reaches the address, whatever route_localnet says")
        func network() async throws {
            let directory = TestDirectory()
            try await Namespace.build()
            let executor = HostExecutor(
                runtimeDirectory: directory.path, deviceOwner: Self.dataplane)
            _ = try await executor.apply(HostSamples.everything)
            let before = try await strangers()
            try await Namespace.shell(
                """
                /usr/bin/python3 -c '
                import fcntl, socket, struct
                lan = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
                lan.bind(("lan1", 0x0800))
                mac = fcntl.ioctl(lan, 0x8927, struct.pack("256s", b"lan0"))[18:24]
                ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20, 1, 0, 64, 255, 0,
                    socket.inet_aton("192.168.77.50"), socket.inet_aton("\(HostNames.loopback)"))
                total = sum(struct.unpack("!10H", ip))
                total = ~((total & 0xffff) + (total >> 16)) & 0xffff
                ip = ip[:10] + struct.pack("!H", total) + ip[12:]
                lan.send(mac + bytes(6) + struct.pack("!H", 0x0800) + ip)'
                """)
            #expect(try await strangers() == before + 1)
            try await executor.cleanup()
        }

        private func strangers() async throws -> Int {
            let text = try await Namespace.shell("nft list counter inet dvpn stranger")
            let words = text.split(whereSeparator: \.isWhitespace)
            let index = try #require(words.firstIndex(of: "packets"))
            return try #require(Int(words[index + 1]))
        }
    }
}
