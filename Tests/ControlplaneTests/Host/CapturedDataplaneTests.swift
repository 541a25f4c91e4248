import FoundationEssentials
import Glibc
import Testing

@testable import controlplane

extension HostInNamespaceTests {
    /// What somebody can do who has taken over the dataplane, and with it the doorbell's descriptors.
    /// Runs inside the namespace of `HostNamespaceTests`.
    @Suite("A captured dataplane")
    struct CapturedDataplane {
        private static let client = "192.168.77.50"
        private static let client6 = "fd77::50"
        private static let bell6 = "fd64:7670:6e00::1"

        /// The descriptors that the dataplane holds.
        private struct Ends {
            let queue: CInt
            let raw: CInt
        }

        /// Sources and targets of which no packet may get anywhere, whatever its flags and DSCP.
        private static let forged = [
            (client, "192.168.77.1"), (client, "127.0.0.1"), (client, "192.0.0.8"),
            (client, "203.0.113.2"), (client, "255.255.255.255"), (client, "192.168.77.60"),
            ("127.0.0.1", "192.168.77.1"), ("127.0.0.1", "10.1.2.3"), ("10.1.2.3", client),
            ("192.168.77.1", client), ("203.0.113.1", "203.0.113.2"), ("203.0.113.1", "10.1.2.3"),
            ("8.8.8.8", "10.1.2.3"), ("10.1.2.3", "192.168.77.1"), ("8.8.8.8", "9.9.9.9"),
            (client6, "fd77::1"), (client6, "::1"), ("::1", "fd77::1"), ("::1", "fd01:2::3"),
            ("fd01:2::3", client6), ("fd77::1", client6), ("2001:db8::9", "fd01:2::3"),
            (client6, "fd64:7670:6e00::1"),
        ]

        @Test("no forged packet reaches a local service, a loopback address or any other host")
        func forgery() async throws {
            try await inNamespace { ends in
                for (source, target) in Self.forged {
                    forEachKind(source, target) { send($0, ends.queue) }
                }
                try await expectNothing()
            }
        }

        /// Those of the raw socket: sources that are no address of this host or its loopback one,
        /// and targets that are not private.
        private static let forged6 = [
            (bell6, "::1"), (bell6, "fd77::1"), (bell6, bell6), (bell6, client6),
            (bell6, "2001:db8::9"), (bell6, "ff02::1"), ("fd77::1", "::1"), ("fd77::1", "fd77::1"),
            ("fd77::1", client6), ("fd77::1", "2001:db8::9"), ("::1", "fd01:2::3"),
            (client6, "fd01:2::3"), ("fd01:2::3", "fd77::1"), ("2001:db8::9", "fd01:2::3"),
            (client6, "fd66::9"), ("2001:db8::9", "2001:db8::8"),
        ]

        @Test(
            "the raw socket reaches no local service, no loopback address, no LAN and no public host",
            arguments: [nil, "lan0", "wan0", "lo", "dvpn0"])
        func forgery6(_ device: String?) async throws {
            try await inNamespace { ends in
                if let device { bind(ends.raw, device) }
                for (source, target) in Self.forged6 {
                    forEachKind(source, target) { sendRaw($0, ends.raw) }
                }
                // Beside first packets nothing gets to a private address either.
                for target in ["fd01:2::3", "fd66::9"] {
                    forEachKind(Self.bell6, target) { packet in
                        if packet.flags != 0x02 { sendRaw(packet, ends.raw) }
                    }
                }
                try await expectNothing()
            }
        }

        @Test(
            "the raw socket sends on this host's own first packets, to the dataplane's port",
            arguments: [(bell6, "fd01:2::3"), ("fd77::1", "fd66::9")])
        func duty6(_ source: String, _ target: String) async throws {
            try await inNamespace { ends in
                // By the doorbell they would be forgeries.
                send(RawPacket(source: source, target: target), ends.queue)
                let forged = try await passed("port")
                #expect(forged == 0)
                sendRaw(RawPacket(source: source, target: target), ends.raw)
                let accepted = try await passed("port")
                #expect(accepted == 1)
                let left = try await passed("leave")
                #expect(left == 0)
            }
        }

        @Test(
            "what the dataplane is for still works: release, reset, unreachable",
            arguments: [
                (client, "10.1.2.3"), (client6, "fd01:2::3"), ("192.0.0.8", "10.1.2.3"),
                (bell6, "fd01:2::3"), (client, "192.168.7.9"),
            ])
        func duty(_ source: String, _ target: String) async throws {
            try await inNamespace { ends in
                let queue = ends.queue
                if source == Self.bell6 {
                    sendRaw(RawPacket(source: source, target: target), ends.raw)
                } else {
                    send(RawPacket(source: source, target: target), queue)
                }
                let accepted = try await passed("port")
                #expect(accepted == 1)
                for (dscp, port) in [(UInt8(63), UInt16(40_001)), (62, 40_002)] {
                    let before = try await passed("out")
                    send(
                        RawPacket(source: source, target: target, sourcePort: port, dscp: dscp),
                        queue)
                    let after = try await passed("out")
                    #expect(after > before, "DSCP \(dscp)")
                }
                let still = try await passed("port")
                #expect(still == 1)
            }
        }

        private func forEachKind(
            _ source: String, _ target: String, _ body: (RawPacket) -> Void
        ) {
            for flags: UInt8? in [0x02, 0x10, 0x04, 0x12, nil] {
                for dscp: UInt8 in [0, 61, 62, 63] {
                    for port: UInt16 in [22, 3876] {
                        body(
                            RawPacket(
                                source: source, target: target, targetPort: port, flags: flags,
                                dscp: dscp))
                    }
                }
            }
        }

        private func expectNothing() async throws {
            for chain in ["in", "forward", "out", "leave"] {
                let packets = try await passed(chain)
                #expect(packets == 0, "\(chain)")
            }
        }

        @Test("a connection that was tracked before opens no way past the port")
        func tracked() async throws {
            try await inNamespace { ends in
                // As the dataplane itself may: a SYN to a direct network.
                try await Namespace.shell(
                    """
                    setpriv --reuid 998 --clear-groups /usr/bin/python3 -c '
                    import socket
                    s = socket.socket(socket.AF_INET6); s.setblocking(False)
                    s.bind(("fd77::1", 40000)); s.connect_ex(("fd66::9", 22))'
                    """)
                let before = try await passed("leave")
                #expect(before == 1)
                sendRaw(RawPacket(source: "fd77::1", target: "fd66::9"), ends.raw)
                let after = try await passed("leave")
                #expect(after == 1)
            }
        }

        /// With dvpn applied, one queue open, and counters behind all of dvpn's chains.
        private func inNamespace(_ body: (Ends) async throws -> Void) async throws {
            let directory = "/tmp/dvpn-host-\(UInt64.random(in: 0 ... .max))"
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true)
            try await Namespace.build()
            let executor = HostExecutor(runtimeDirectory: directory, deviceOwner: 65534)
            var input = HostSamples.everything
            input.lan = ["lan0"]
            _ = try await executor.apply(input)
            let queue = try #require(try DoorbellQueues.open(1).first)
            let raw = try #require(try DoorbellQueues.openRawSocket())
            try await Namespace.shell(
                """
                nft -f - <<X
                table inet watch {
                    chain in { type filter hook input priority 300; iifname { "dvpn0", "lo" } counter; }
                    chain port { type filter hook input priority 300; tcp dport 3876 counter; }
                    chain leave {
                        type filter hook postrouting priority 300
                        icmpv6 type { nd-neighbor-solicit, nd-router-solicit, mld2-listener-report } accept
                        oifname != { "dvpn0", "lo" } counter
                    }
                    chain forward { type filter hook forward priority 300; iifname "dvpn0" counter; }
                    chain out {
                        type filter hook output priority 300
                        icmpv6 type { nd-neighbor-solicit, nd-router-solicit, mld2-listener-report } accept
                        oifname != "dvpn0" counter
                    }
                }
                X
                """)
            do {
                try await body(Ends(queue: queue, raw: raw.raw))
            } catch {
                Issue.record(error)
            }
            close(queue)
            try await Namespace.shell("nft delete table inet watch")
            try await executor.cleanup()
            try FileManager.default.removeItem(atPath: directory)
        }

        private func send(_ packet: RawPacket, _ queue: CInt) {
            let bytes = packet.bytes
            #expect(unsafe write(queue, bytes, bytes.count) == bytes.count)
        }

        private func sendRaw(_ packet: RawPacket, _ socket: CInt) {
            RawSender.send(packet.bytes, socket)
        }

        private func bind(_ socket: CInt, _ device: String) {
            let result = unsafe setsockopt(
                socket, SOL_SOCKET, SO_BINDTODEVICE, device, socklen_t(device.utf8.count))
            #expect(result == 0)
        }

        private func passed(_ chain: String) async throws -> Int {
            let text = try await Namespace.shell("nft list chain inet watch \(chain)")
            let words = text.split(whereSeparator: \.isWhitespace)
            let index = try #require(words.firstIndex(of: "packets"))
            return try #require(Int(words[index + 1]))
        }
    }
}
