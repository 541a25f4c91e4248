import FoundationEssentials
import Glibc
import Protocol
import Testing

@testable import controlplane

/// A LAN client and a far host in namespaces of their own, and this host between them: it has the
/// LAN's interface `lan2`, the tunnel's device `dv-work`, and dvpn applied. The test is the
/// dataplane.
struct TunnelBench {
    static let device = "dv-work"
    static let client = ("192.168.78.50", "fd78::50")
    static let far = ("10.66.0.10", "fd66::10")
    /// Our address in the tunnel.
    static let assigned = ("100.64.9.5", "fd99::5")

    /// Where a packet begins.
    enum Origin: String, CaseIterable, Sendable {
        case lan
        case own
    }

    let executor: HostExecutor
    let input: HostInput
    let directory: TestDirectory
    let queue: CInt
    private let raw: CInt
    /// Processes that hold the namespaces.
    private let clientProcess: String
    let farProcess: String

    /// Makes all of it, runs the body and removes it again.
    ///
    /// - Parameters:
    ///   - firewall: rules of the host's own, for `nft -f`.
    static func run(
        firewall: String = "", lan: Bool = true,
        packets: PacketSettings = PacketSettings(device: device),
        _ body: (TunnelBench) async throws -> Void
    ) async throws {
        try await Namespace.build()
        let bench = try await TunnelBench(firewall, lan: lan, packets)
        do {
            try await body(bench)
        } catch {
            Issue.record(error)
        }
        try await bench.end()
    }

    private init(_ firewall: String, lan: Bool, _ packets: PacketSettings) async throws {
        directory = TestDirectory()
        directory.write("far.py", Self.server)
        let processes = try await Namespace.shell(
            """
            hold() {
                unshare --net sleep 600 > /dev/null 2>&1 & echo $!
                until [ "$(readlink /proc/$!/ns/net)" != "$(readlink /proc/self/ns/net)" ] &&
                    [ "$(cat /proc/$!/comm)" = sleep ]; do :; done
            }
            hold; hold
            """
        ).split(separator: "\n").map(String.init)
        clientProcess = processes[0]
        farProcess = processes[1]
        let problems = try await Namespace.shell(
            """
            exec 2>&1
            ip link add lan2 type veth peer name eth0 netns \(clientProcess)
            ip link add \(Self.device) type veth peer name far0 netns \(farProcess)
            for i in lan2 \(Self.device); do
                echo 1 > /proc/sys/net/ipv6/conf/$i/addr_gen_mode
                echo 0 > /proc/sys/net/ipv6/conf/$i/accept_dad
                ip link set $i up
            done
            ip addr add 192.168.78.1/24 dev lan2; ip addr add fd78::1/64 dev lan2 nodad
            ip addr add \(Self.assigned.0)/32 dev \(Self.device)
            ip addr add \(Self.assigned.1)/128 dev \(Self.device) nodad
            nsenter --net --target \(clientProcess) sh -c '
                ip link set lo up; ip link set eth0 up
                ip addr add \(Self.client.0)/24 dev eth0; ip addr add \(Self.client.1)/64 dev eth0 nodad
                ip route add default via 192.168.78.1; ip route add default via fd78::1'
            nsenter --net --target \(farProcess) sh -c '
                ip link set lo up; ip link set far0 up
                ip addr add \(Self.far.0)/16 dev far0; ip addr add \(Self.far.1)/32 dev far0 nodad
                ip route add default dev far0; ip -6 route add default dev far0
                nft -f -' <<X
            table inet seen {
                counter every { }
                counter foreign { }
                counter large { }
                counter late { }
                chain arrive {
                    type filter hook prerouting priority 0;
                    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit,
                        mld2-listener-report } accept
                    counter name every
                    ip saddr != \(Self.assigned.0) counter name foreign
                    ip6 saddr != \(Self.assigned.1) counter name foreign
                    udp length 12 counter name late
                    tcp flags syn tcp option maxseg size > 1260 counter name large
                }
            }
            X
            printf '%s' '\(firewall)' | nft -f -
            nsenter --net --target \(farProcess) /usr/bin/python3 \(directory.path("far.py")) 7 \
                > \(directory.path("far.log")) 2>&1 & echo $! > \(directory.path("far.pid"))
            until grep -qs serving \(directory.path("far.log")); do kill -0 $! || break; done
            """)
        #expect(problems == "")
        executor = HostExecutor(runtimeDirectory: directory.path, deviceOwner: 65534)
        var input = HostInput(
            networks: [
                HostSamples.network(
                    ["10.66.0.0/16", "fd66::/32"], packets: packets, idleMs: 60_000),
                HostSamples.network(["10.1.2.0/24", "fd01:2::/64"]),
            ], lan: lan ? ["lan2"] : [], users: HostUsers(dataplane: 998, ssh: 997))
        input.lanSubnets = []
        self.input = input
        _ = try await executor.apply(input)
        queue = try #require(try DoorbellQueues.open(1).first)
        let socket = try #require(try DoorbellQueues.openRawSocket())
        raw = dup(socket.raw)
        // The kernel's work queue switches the transmit queue on, some time after its device has a
        // carrier; until then packets are lost.
        try await Namespace.shell("until ip link show dvpn0 | grep -q \"state UP\"; do :; done")
    }

    private func end() async throws {
        close(queue)
        close(raw)
        try await executor.cleanup()
        try await Namespace.shell(
            """
            kill $(cat \(directory.path("own.pid")) \(directory.path("far.pid"))) \(clientProcess) \(farProcess)
            ip link delete lan2; ip link delete \(Self.device)
            nft delete table inet host
            """)
    }

    // MARK: - Doing

    func open() async throws {
        try await executor.openTunnel(
            Self.device, prefixes: HostSamples.prefixes(["10.66.0.0/16", "fd66::/32"]))
    }

    /// Runs a command at one end and returns what it said.
    @discardableResult
    func shell(_ origin: Origin, _ command: String) async throws -> String {
        switch origin {
        case .own: try await Namespace.shell(command)
        case .lan:
            try await Namespace.shell("nsenter --net --target \(clientProcess) sh -c '\(command)'")
        }
    }

    /// "yes" where the far host answers.
    func ask(
        _ origin: Origin, _ question: Question, _ family: Family, seconds: Int = 3
    ) async throws -> String {
        let target = family == .ipv4 ? Self.far.0 : Self.far.1
        return try await shell(origin, question.command(target, seconds))
    }

    enum Question: String, CaseIterable, Sendable {
        case ping
        case udp
        case tcp
        /// By UDP as well; the far host takes its time.
        case late

        /// Those that are answered at once.
        static let usual = [ping, udp, tcp]

        func command(_ target: String, _ seconds: Int) -> String {
            let python = """
                import socket, sys
                s = socket.socket(socket.AF_INET6 if ":" in "\(target)" else socket.AF_INET, KIND)
                s.settimeout(\(seconds))
                try:
                    s.connect(("\(target)", 7)); s.send(b"WORD"); print(s.recv(9).decode(), end="")
                except OSError as error: print(type(error).__name__, error.strerror, end="")
                """
            let kind = self == .tcp ? "STREAM" : "DGRAM"
            let script = python.replacing("KIND", with: "socket.SOCK_\(kind)")
                .replacing("WORD", with: self == .late ? "late" : "yes")
            switch self {
            case .ping:
                return "ping -n -c 1 -W \(seconds) \(target) > /dev/null && printf yes || printf no"
            case .udp, .tcp, .late:
                return "/usr/bin/python3 - <<X\n\(script)\nX"
            }
        }
    }

    /// Has somebody listen on the dataplane's port.
    func listen() async throws {
        try await Namespace.shell(
            """
            /usr/bin/python3 \(directory.path("far.py")) \(HostNames.port) \
                > \(directory.path("own.log")) 2>&1 & echo $! > \(directory.path("own.pid"))
            until grep -qs serving \(directory.path("own.log")); do kill -0 $! || break; done
            """)
    }

    /// Says one word after another over one connection, each when it is told to, and returns what
    /// came back.
    func converse(_ origin: Origin, _ family: Family) async throws -> String {
        let target = family == .ipv4 ? Self.far.0 : Self.far.1
        return try await shell(
            origin,
            """
            cd \(directory.path); rm -f answered.* next.*
            /usr/bin/python3 - <<X
            import os, socket, time
            s = socket.create_connection(("\(target)", 7), 3); said = []
            for number, word in enumerate((b"one", b"two", b"three"), 1):
                s.send(word); said.append(s.recv(9).decode())
                open(f"answered.{number}", "w")
                while number < 3 and not os.path.exists(f"next.{number}"): time.sleep(0.01)
            print(*said, end="")
            X
            """)
    }

    func next(_ number: Int) { directory.write("next.\(number)", "") }

    func answered(_ number: Int) async throws {
        let path = directory.path("answered.\(number)")
        let end = ContinuousClock.now + .seconds(3)
        while !FileManager.default.fileExists(atPath: path) && ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// The next packet that rings, within two seconds, and asks this question; empty where none
    /// does. Others are passed over: the last words of a connection, say.
    func ring(_ question: Question, _ family: Family, within milliseconds: Int32 = 2_000) -> [UInt8]
    {
        while true {
            let packet = ring(within: milliseconds)
            guard let first = packet.first else { return [] }
            let isIPv6 = first >> 4 == 6
            let header = isIPv6 ? 40 : 20
            guard isIPv6 == (family == .ipv6) else { continue }
            switch (question, packet[isIPv6 ? 6 : 9]) {
            case (.ping, 1), (.ping, 58), (.udp, 17), (.late, 17): return packet
            case (.tcp, 6) where packet[header + 13] == 0x02: return packet
            default: continue
            }
        }
    }

    func ring(within milliseconds: Int32) -> [UInt8] {
        var poll = pollfd(fd: queue, events: Int16(POLLIN), revents: 0)
        guard unsafe Glibc.poll(&poll, 1, milliseconds) == 1 else { return [] }
        var packet = [UInt8](repeating: 0, count: 2048)
        let count = unsafe read(queue, &packet, packet.count)
        return Array(packet.prefix(max(0, count)))
    }

    /// What the dataplane does with a packet of an open tunnel.
    func release(_ packet: [UInt8]) {
        guard packet.first.map({ $0 >> 4 }) == 6 else {
            #expect(unsafe write(queue, packet, packet.count) == packet.count)
            return
        }
        var packet = packet
        let isOwn = Self.codepoint(packet) == 61
        packet[0] &= 0xf0
        packet[1] &= 0x3f
        if isOwn {
            RawSender.send(packet, raw)
        } else {
            #expect(unsafe write(queue, packet, packet.count) == packet.count)
        }
    }

    /// What the dataplane does with a packet that cannot go on.
    func refuse(_ packet: [UInt8]) {
        var packet = packet
        if packet[0] >> 4 == 4 {
            packet[1] = 62 << 2
            packet.replaceSubrange(10..<12, with: [0, 0])
            let sum = RawPacket.checksum(Array(packet[..<20]))
            packet.replaceSubrange(10..<12, with: [UInt8(sum >> 8), UInt8(sum & 255)])
        } else {
            packet[0] = packet[0] & 0xf0 | 62 >> 2
            packet[1] = packet[1] & 0x3f | 62 << 6 & 0xff
        }
        #expect(unsafe write(queue, packet, packet.count) == packet.count)
    }

    func forge(_ packet: RawPacket, raw isRaw: Bool = false) {
        let bytes = packet.bytes
        if isRaw { RawSender.send(bytes, raw) } else { _ = unsafe write(queue, bytes, bytes.count) }
    }

    /// The DSCP field.
    static func codepoint(_ packet: [UInt8]) -> UInt8 {
        packet[0] >> 4 == 4 ? packet[1] >> 2 : packet[0] << 2 & 0x3c | packet[1] >> 6
    }

    // MARK: - Looking

    /// Packets that the far host has seen: "every"; with another source than ours: "foreign".
    func seen(_ counter: String) async throws -> Int {
        try count(
            try await Namespace.shell(
                "nsenter --net --target \(farProcess) nft list counter inet seen \(counter)"))
    }

    func forget(_ counter: String) async throws {
        try await Namespace.shell(
            "nsenter --net --target \(farProcess) nft reset counter inet seen \(counter)")
    }

    func counted(_ counter: String, table: String = "dvpn") async throws -> Int {
        try count(try await Namespace.shell("nft list counter inet \(table) \(counter)"))
    }

    private func count(_ text: String) throws -> Int {
        let words = text.split(whereSeparator: \.isWhitespace)
        let index = try #require(words.firstIndex(of: "packets"), "\(text)")
        return try #require(Int(words[index + 1]))
    }

    /// UDP and TCP echo on a port.
    private static let server = """
        import socket, sys, threading, time
        port = int(sys.argv[1])
        def bound(family, kind, any):
            s = socket.socket(family, kind)
            if family == socket.AF_INET6: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            s.bind((any, port))
            return s
        def udp(family, any):
            s = bound(family, socket.SOCK_DGRAM, any); started.release()
            while True:
                data, who = s.recvfrom(2048)
                if data == b"late": time.sleep(0.3)
                if data == b"mute": continue
                s.sendto(data, who)
        def tcp(family, any):
            s = bound(family, socket.SOCK_STREAM, any); s.listen(); started.release()
            while True:
                threading.Thread(target=echo, args=s.accept()).start()
        def echo(c, who):
            while data := c.recv(2048): c.send(data)
            c.close()
        started = threading.Semaphore(0)
        for family, any in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            for serve in (udp, tcp): threading.Thread(target=serve, args=(family, any)).start()
        for _ in range(4): started.acquire()
        print("serving", flush=True)
        """
}

/// Sends whole IPv6 packets by a raw socket.
enum RawSender {
    /// What netfilter drops in the output hook is EPERM to the sender, and no concern of ours.
    static func send(_ packet: [UInt8], _ socket: CInt) {
        var target = sockaddr_in6()
        target.sin6_family = sa_family_t(AF_INET6)
        unsafe withUnsafeMutableBytes(of: &target.sin6_addr) {
            unsafe $0.copyBytes(from: packet[24..<40])
        }
        let size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        _ = unsafe withUnsafePointer(to: &target) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe sendto(socket, packet, packet.count, 0, address, size)
            }
        }
    }
}
