import FoundationEssentials
import Glibc
import Protocol
import Testing

@testable import controlplane

extension HostInNamespaceTests {
    /// Networks whose tunnel has a device, with real packets between real hosts. Runs inside the
    /// namespace of `HostNamespaceTests`.
    @Suite("Tunnels with a device", .serialized)
    struct Tunnels {
        /// A host firewall that lets pass what docs/truth.md says it must, and a strict one for
        /// IPv6 reverse paths.
        enum Firewall: String, CaseIterable {
            case none
            case strict

            var rules: String { self == .none ? "" : Tunnels.strict }
        }

        private static let strict = """
            table inet host {
                chain paths {
                    type filter hook prerouting priority mangle + 10; policy accept;
                    meta nfproto ipv6 fib saddr . mark . iif oif missing drop
                }
                chain input {
                    type filter hook input priority filter; policy drop;
                    ct state established,related accept
                    ct state invalid drop
                    iifname { "lo", "lan2" } accept
                    iifname "dvpn0" tcp dport 3876 accept
                    meta l4proto ipv6-icmp accept
                }
                chain forward {
                    type filter hook forward priority filter; policy drop;
                    ct state established,related accept
                    ct state invalid drop
                    iifname "lan2" accept
                    iifname "dvpn0" oifname "dv-*" accept
                }
            }
            """

        @Test(
            "the first packet of a flow is held and goes on, the second goes straight",
            arguments: Firewall.allCases, [PacketSettings.TCP.splice, .route])
        func firstPacket(_ firewall: Firewall, _ tcp: PacketSettings.TCP) async throws {
            try await TunnelBench.run(firewall: firewall.rules, packets: Self.packets(tcp)) {
                bench in
                for origin in TunnelBench.Origin.allCases {
                    for family in Family.allCases {
                        for question in TunnelBench.Question.usual
                        where question != .tcp || tcp == .route {
                            let name = Comment("\(origin) \(family) \(question)")
                            async let answer = bench.ask(origin, question, family)
                            let packet = bench.ring(question, family)
                            try #require(!packet.isEmpty, name)
                            let isOwn6 = origin == .own && family == .ipv6
                            #expect(TunnelBench.codepoint(packet) == (isOwn6 ? 61 : 0), name)
                            try await bench.open()
                            bench.release(packet)
                            #expect(try await answer == "yes", name)
                            #expect(try await bench.ask(origin, question, family) == "yes", name)
                            #expect(bench.ring(question, family, within: 0).isEmpty, name)
                            try await bench.executor.closeTunnel(TunnelBench.device)
                        }
                    }
                }
                // All of it under the one address that the far side knows.
                #expect(try await bench.seen("every") > 0)
                #expect(try await bench.seen("foreign") == 0)
                #expect(try await bench.executor.verify() == [])
            }
        }

        @Test("a held packet that cannot go on tells its sender so", arguments: Firewall.allCases)
        func refused(_ firewall: Firewall) async throws {
            try await TunnelBench.run(firewall: firewall.rules) { bench in
                for origin in TunnelBench.Origin.allCases {
                    for (family, target) in [
                        (Family.ipv4, TunnelBench.far.0), (.ipv6, TunnelBench.far.1),
                    ] {
                        async let answer = bench.shell(origin, "ping -n -c 1 -W 2 \(target)")
                        bench.refuse(bench.ring(.ping, family))
                        let said = try await answer
                        #expect(said.contains("nreachable"), "\(origin) \(family): \(said)")
                    }
                }
                #expect(bench.ring(within: 0).isEmpty)
            }
        }

        @Test(
            "spliced TCP rings whether the tunnel is up or not, and nothing else passes by it",
            arguments: Firewall.allCases)
        func spliced(_ firewall: Firewall) async throws {
            try await TunnelBench.run(firewall: firewall.rules) { bench in
                for isOpen in [false, true] {
                    if isOpen { try await bench.open() }
                    for origin in TunnelBench.Origin.allCases {
                        for family in Family.allCases {
                            let name = Comment("\(origin) \(family), open: \(isOpen)")
                            async let answer = bench.ask(origin, .tcp, family, seconds: 1)
                            let packet = bench.ring(.tcp, family)
                            #expect(!packet.isEmpty, name)
                            bench.release(packet)
                            // Redirected to the dataplane's port, where nobody listens.
                            let said = try await answer
                            #expect(said.hasPrefix("ConnectionRefusedError"), name)
                        }
                    }
                }
                #expect(try await bench.seen("every") == 0)
            }
        }

        @Test("a spliced connection stays with the dataplane while its tunnel comes and goes")
        func connection() async throws {
            try await TunnelBench.run { bench in
                try await bench.listen()
                try await bench.open()
                for origin in TunnelBench.Origin.allCases {
                    for family in Family.allCases {
                        async let answer = bench.converse(origin, family)
                        bench.release(bench.ring(.tcp, family))
                        try await bench.answered(1)
                        try await bench.executor.closeTunnel(TunnelBench.device)
                        bench.next(1)
                        try await bench.answered(2)
                        try await bench.open()
                        bench.next(2)
                        #expect(try await answer == "one two three", "\(origin) \(family)")
                        #expect(bench.ring(within: 0).isEmpty)
                    }
                }
                #expect(try await bench.seen("every") == 0)
            }
        }

        @Test("the dataplane's own connections go by the device, translated")
        func dataplane() async throws {
            try await TunnelBench.run { bench in
                try await bench.open()
                for family in Family.allCases {
                    let target = family == .ipv4 ? TunnelBench.far.0 : TunnelBench.far.1
                    let command = TunnelBench.Question.tcp.command(target, 3)
                    let said = try await bench.shell(
                        .own, "setpriv --reuid 998 --clear-groups " + command)
                    #expect(said == "yes")
                }
                #expect(try await bench.seen("foreign") == 0)
                // What the dataplane opens it counts itself.
                #expect(try await bench.executor.traffic(TunnelBench.device) == [])
            }
        }

        @Test("a device that dies takes its routes with it, and the next packet rings")
        func death() async throws {
            try await TunnelBench.run { bench in
                try await bench.open()
                #expect(try await bench.ask(.lan, .udp, .ipv4) == "yes")
                try await Namespace.shell("ip link delete \(TunnelBench.device)")
                async let answer = bench.ask(.lan, .udp, .ipv4, seconds: 1)
                #expect(!bench.ring(.udp, .ipv4).isEmpty)
                _ = try await answer
                #expect(try await bench.executor.verify() == [])
                try await bench.executor.closeTunnel(TunnelBench.device)
                let error = await #expect(throws: HostError.self) { try await bench.open() }
                #expect(error?.code == .tunnelDevice)
            }
        }

        @Test("what would get into a tunnel untranslated does not get there")
        func untracked() async throws {
            let rules = """
                table inet host {
                    chain first {
                        type filter hook prerouting priority raw + 1; policy accept;
                        udp dport 7 notrack
                    }
                }
                """
            try await TunnelBench.run(firewall: rules) { bench in
                try await bench.open()
                for family in Family.allCases {
                    #expect(try await bench.ask(.lan, .udp, family, seconds: 1) != "yes")
                    #expect(try await bench.ask(.lan, .ping, family) == "yes")
                }
                #expect(try await bench.counted("returned") == 2)
                #expect(try await bench.seen("foreign") == 0)
            }
        }

        @Test("a socket keeps its address over the tunnel's coming and going")
        func address() async throws {
            try await TunnelBench.run { bench in
                let command = """
                    /usr/bin/python3 - <<X
                    import socket
                    s = socket.socket(socket.AF_INET6 if ":" in "TARGET" else socket.AF_INET, socket.SOCK_DGRAM)
                    s.connect(("TARGET", 7)); print(s.getsockname()[0], end="")
                    X
                    """
                for target in [TunnelBench.far.0, TunnelBench.far.1] {
                    let ask = command.replacing("TARGET", with: target)
                    let before = try await bench.shell(.own, ask)
                    try await bench.open()
                    #expect(try await bench.shell(.own, ask) == before)
                    try await bench.executor.closeTunnel(TunnelBench.device)
                    #expect([HostNames.address4, HostNames.address6].contains(before))
                }
            }
        }

        @Test(
            "an answer that was under way when the routes went arrives, strict reverse paths or not"
        )
        func late() async throws {
            try await TunnelBench.run { bench in
                for origin in TunnelBench.Origin.allCases {
                    for family in Family.allCases {
                        try await bench.open()
                        async let answer = bench.ask(origin, .late, family)
                        let name = Comment("\(origin) \(family)")
                        while try await bench.seen("late") == 0 {}
                        try await bench.executor.closeTunnel(TunnelBench.device)
                        #expect(try await answer == "late", name)
                        try await bench.forget("late")
                    }
                }
            }
        }

        @Test("segments fit the tunnel in both directions")
        func segments() async throws {
            try await TunnelBench.run(packets: Self.packets(.route)) { bench in
                try await Namespace.shell("ip link set \(TunnelBench.device) mtu 1300")
                try await bench.open()
                for family in Family.allCases {
                    let watch = """
                        nft add table inet watch; nft add chain inet watch out \
                        "{ type filter hook postrouting priority 300; }"
                        nft add rule inet watch out oifname lan2 tcp option maxseg size gt 1260 counter
                        """
                    try await Namespace.shell(watch)
                    #expect(try await bench.ask(.lan, .tcp, family) == "yes")
                    let text = try await Namespace.shell("nft list chain inet watch out")
                    #expect(text.contains("counter packets 0 "), "\(text)")
                    try await Namespace.shell("nft delete table inet watch")
                }
                #expect(try await bench.seen("every") > 0)
                #expect(try await bench.seen("large") == 0)
            }
        }

        @Test("what keeps a tunnel up is known by its ends and its age")
        func keepers() async throws {
            try await TunnelBench.run(packets: Self.packets(.route)) { bench in
                try await bench.open()
                for question in TunnelBench.Question.usual {
                    #expect(try await bench.ask(.lan, question, .ipv4) == "yes")
                    #expect(try await bench.ask(.own, question, .ipv6) == "yes")
                }
                let flows = try await bench.executor.traffic(TunnelBench.device)
                let found = flows.map { flow in
                    "\(flow.ipProtocol) \(flow.source.address.text(flow.source.family))"
                        + " \(flow.target.address.text(flow.target.family)) \(flow.target.port)"
                }
                #expect(
                    Set(found) == [
                        "1 192.168.78.50 10.66.0.10 0", "17 192.168.78.50 10.66.0.10 7",
                        "6 192.168.78.50 10.66.0.10 7", "58 fd64:7670:6e00::1 fd66::10 0",
                        "17 fd64:7670:6e00::1 fd66::10 7", "6 fd64:7670:6e00::1 fd66::10 7",
                    ])
                #expect(flows.map(\.ageMs) == flows.map(\.ageMs).sorted())
                #expect(flows.allSatisfy { (0..<10_000).contains($0.ageMs) })
                let ports = flows.filter { $0.ipProtocol != 1 && $0.ipProtocol != 58 }
                    .map(\.source.port)
                #expect(ports.allSatisfy { $0 > 0 })
                #expect(try await bench.executor.traffic("dv-other") == [])
                // The kernel's own additions to the sets are not somebody's changes, and a reload
                // keeps them.
                #expect(try await bench.executor.verify() == [])
                var input = bench.input
                input.networks.append(HostSamples.network(["10.5.0.0/16"]))
                _ = try await bench.executor.apply(input)
                let after = try await bench.executor.traffic(TunnelBench.device)
                #expect(after.count == flows.count)
            }
        }

        @Test("a keepalive is no use of a tunnel, a datagram that nobody answers any more is")
        func oneWay() async throws {
            try await TunnelBench.run(packets: Self.packets(.route)) { bench in
                try await bench.open()
                try await bench.shell(
                    .lan,
                    """
                    /usr/bin/python3 - <<X
                    import os, socket, time
                    far = ("\(TunnelBench.far.0)", 7)
                    t = socket.create_connection(far, 3)
                    t.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                    for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL):
                        t.setsockopt(socket.IPPROTO_TCP, option, 1)
                    u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.connect(far)
                    for s in (t, u): s.send(b"yes"); s.recv(9)
                    time.sleep(3.2); u.send(b"mute")
                    if os.fork(): os._exit(0)
                    for stream in range(3): os.close(stream)
                    time.sleep(3)
                    X
                    """)
                let flows = try await bench.executor.traffic(TunnelBench.device)
                let tcp = try #require(flows.first { $0.ipProtocol == 6 })
                let udp = try #require(flows.first { $0.ipProtocol == 17 })
                #expect(tcp.ageMs > udp.ageMs + 2_500, "\(flows)")
            }
        }

        @Test("unanswered packets, filtered ones and probes keep nothing up")
        func idle() async throws {
            var filter = PacketFilter.wanted
            filter.rules.insert(.init(isAllowed: false, ipProtocol: 17, ports: 7...7), at: 0)
            filter.rules.insert(.init(isAllowed: false, ipProtocol: 58, ports: 128...128), at: 0)
            var packets = Self.packets(.splice)
            packets.keepUp = filter
            try await TunnelBench.run(packets: packets) { bench in
                try await bench.open()
                #expect(try await bench.ask(.lan, .udp, .ipv4) == "yes")
                #expect(try await bench.ask(.own, .ping, .ipv6) == "yes")
                _ = try await bench.shell(.lan, "ping -n -c 1 -W 1 10.66.0.99")
                _ = try await bench.shell(.own, "ping -n -c 2 -i 0.2 -e 9 -m 215 10.66.0.10")
                #expect(try await bench.executor.traffic(TunnelBench.device) == [])
                #expect(try await bench.ask(.own, .ping, .ipv4) == "yes")
                #expect(try await bench.executor.traffic(TunnelBench.device).count == 1)
            }
        }

        @Test("what may not pass is dropped and counted, in either family and from everybody")
        func filter() async throws {
            let rules: [PacketFilter.Rule] = [
                .init(isAllowed: false, ipProtocol: 17, ports: 7...7), .init(isAllowed: true),
            ]
            var packets = Self.packets(.splice)
            packets.pass = PacketFilter(rules: rules)
            try await TunnelBench.run(packets: packets) { bench in
                try await bench.open()
                for origin in TunnelBench.Origin.allCases {
                    for family in Family.allCases {
                        let before = try await bench.counted("filtered")
                        let name = Comment("\(origin) \(family)")
                        #expect(
                            try await bench.ask(origin, .udp, family, seconds: 1) != "yes", name)
                        #expect(try await bench.counted("filtered") == before + 1, name)
                        #expect(try await bench.ask(origin, .ping, family) == "yes", name)
                    }
                }
            }
        }

        @Test("nobody but the LAN and this host gets into a tunnel, and nothing unasked out of it")
        func strangers() async throws {
            try await TunnelBench.run { bench in
                try await bench.open()
                let frames: [(device: String, packet: RawPacket)] = [
                    ("wan1", RawPacket(source: "203.0.113.9", target: "10.66.0.10", flags: nil)),
                    ("wan1", RawPacket(source: "2001:db8::9", target: "fd66::10", flags: nil)),
                    ("wan1", RawPacket(source: "203.0.113.9", target: "10.66.0.10")),
                ]
                for (device, packet) in frames {
                    let before = try await bench.counted("stranger")
                    try await inject(packet, device)
                    #expect(try await bench.counted("stranger") == before + 1, "\(packet)")
                }
                #expect(try await bench.seen("every") == 0)
                // From the far side towards the LAN, and to another tunnel's network.
                for target in ["192.168.78.50", "fd78::50", "10.1.2.3", "fd01:2::3"] {
                    let before = try await bench.counted("stranger")
                    try await bench.fromFar(target)
                    #expect(try await bench.counted("stranger") == before + 1, "\(target)")
                }
            }
        }

        @Test(
            "a captured dataplane gets nothing by an open tunnel but first packets to its network")
        func captured() async throws {
            try await TunnelBench.run { bench in
                try await bench.open()
                let own6 = HostNames.address6
                let forged: [(source: String, target: String, raw: Bool)] = [
                    ("8.8.8.8", "10.66.0.10", false), ("10.66.0.9", "10.66.0.10", false),
                    ("127.0.0.1", "10.66.0.10", false), ("2001:db8::9", "fd66::10", false),
                    (own6, "fd66::10", false), ("fd78::50", "fd66::10", true),
                    ("2001:db8::9", "fd66::10", true), ("::1", "fd66::10", true),
                    ("192.168.78.50", "192.168.78.60", false), ("fd78::50", "fd78::60", false),
                    (own6, "fd78::50", true), ("192.168.78.50", "203.0.113.9", false),
                    ("192.168.78.50", "10.1.2.3", false), (own6, "fd01:2::3", true),
                ]
                for (source, target, raw) in forged {
                    for dscp: UInt8 in [0, 61] {
                        bench.forge(
                            RawPacket(source: source, target: target, flags: nil, dscp: dscp),
                            raw: raw)
                    }
                }
                // TCP of a spliced network is the listener's, whatever it is.
                for flags: UInt8 in [0x10, 0x04, 0x12, 0x11] {
                    for source in ["192.168.78.50", HostNames.address4] {
                        bench.forge(RawPacket(source: source, target: "10.66.0.10", flags: flags))
                    }
                    bench.forge(RawPacket(source: "fd78::50", target: "fd66::10", flags: flags))
                    bench.forge(
                        RawPacket(source: own6, target: "fd66::10", flags: flags), raw: true)
                }
                #expect(try await bench.seen("every") == 0)
                // And what is meant to be possible is.
                bench.forge(RawPacket(source: "192.168.78.50", target: "10.66.0.10", flags: nil))
                bench.forge(RawPacket(source: "fd78::50", target: "fd66::10", flags: nil))
                bench.forge(
                    RawPacket(source: own6, target: "fd66::10", flags: nil), raw: true)
                #expect(try await bench.seen("every") == 3)
                // A tunnel that has gone gives nothing back to the doorbell.
                try await bench.executor.closeTunnel(TunnelBench.device)
                let before = try await bench.counted("returned")
                bench.forge(RawPacket(source: "192.168.78.50", target: "10.66.0.10", flags: nil))
                bench.forge(RawPacket(source: own6, target: "fd66::10", flags: nil), raw: true)
                #expect(try await bench.counted("returned") == before + 2)
                #expect(bench.ring(within: 50).isEmpty)
            }
        }

        @Test("private packets leave by their own tunnel only, and our address in it by no other")
        func guarded() async throws {
            try await TunnelBench.run { bench in
                try await bench.open()
                for family in Family.allCases {
                    #expect(try await bench.ask(.own, .ping, family) == "yes")
                }
                try await Namespace.shell(
                    """
                    nft add table inet watch; nft add chain inet watch out \
                        "{ type filter hook postrouting priority 300; }"
                    nft add rule inet watch out icmpv6 type nd-neighbor-solicit accept
                    nft add rule inet watch out oifname wan0 counter
                    ip link add dv-other type dummy; ip link set dv-other up
                    """)
                func leaks(_ command: String) async throws -> Int {
                    let before = try await bench.counted("leak", table: "dvpn_guard")
                    try await Namespace.shell(command)
                    return try await bench.counted("leak", table: "dvpn_guard") - before
                }
                let (own4, own6) = TunnelBench.assigned
                // As a source.
                #expect(try await leaks("ping -c 1 -W 1 -I \(own4) 203.0.113.9") == 1)
                #expect(try await leaks("ping -c 1 -W 1 -I \(own6) 2001:db8::9") == 1)
                let (bell4, bell6) = (HostNames.address4, HostNames.address6)
                #expect(try await leaks("ping -c 1 -W 1 -I \(bell4) 203.0.113.9") == 1)
                #expect(try await leaks("ping -c 1 -W 1 -I \(bell6) 2001:db8::9") == 1)
                // The table of private networks alone is gone, then the tunnel as well.
                try await Namespace.shell("ip rule del pref 3874; ip -6 rule del pref 3874")
                #expect(try await leaks("ping -c 1 -W 1 10.66.0.77") == 1)
                #expect(try await leaks("ping -c 1 -W 1 fd66::77") == 1)
                try await Namespace.shell("ip route add 10.66.0.78 dev dv-other")
                #expect(try await leaks("ping -c 1 -W 1 10.66.0.78") == 1)
                try await Namespace.shell("ip link delete \(TunnelBench.device)")
                #expect(try await leaks("ping -c 1 -W 1 \(own4)") == 1)
                #expect(try await leaks("ping -c 1 -W 1 \(own6)") == 1)
                let text = try await Namespace.shell("nft list chain inet watch out")
                #expect(text.contains("counter packets 0 "), "\(text)")
                // A LAN that has the same address is this host's own affair.
                try await Namespace.shell(
                    "ip addr add \(own4)/32 dev wan0; ping -c 1 -W 1 -I \(own4) 203.0.113.9")
                let after = try await Namespace.shell("nft list chain inet watch out")
                #expect(!after.contains("counter packets 0 "), "\(after)")
                try await Namespace.shell(
                    """
                    ip addr del \(own4)/32 dev wan0; nft delete table inet watch
                    ip link delete dv-other
                    """)
            }
        }

        @Test("another life keeps what stands until it is told, and ends what it is not")
        func adoption() async throws {
            try await TunnelBench.run { bench in
                try await bench.open()
                let before = try await Namespace.snapshot()
                func life() -> HostExecutor {
                    HostExecutor(runtimeDirectory: bench.directory.path, deviceOwner: 65534)
                }
                let second = life()
                #expect(try await second.apply(bench.input).changes == [])
                #expect(try await second.apply(bench.input).changes == [])
                #expect(try await Namespace.snapshot() == before)
                try await second.openTunnel(
                    TunnelBench.device, prefixes: bench.input.networks[0].prefixes)
                #expect(try await Namespace.snapshot() == before)
                #expect(try await second.verify() == [])

                let third = life()
                _ = try await third.apply(bench.input)
                try await third.closeTunnel(TunnelBench.device)
                #expect(try await tunnelRoutes().isEmpty)
                #expect(try await third.verify() == [])

                try await bench.open()
                let fourth = life()
                var input = bench.input
                input.networks.removeFirst()
                _ = try await fourth.apply(input)
                #expect(try await tunnelRoutes().isEmpty)
            }
        }

        @Test("a tunnel's route that somebody removes is put back, and follows the configuration")
        func routes() async throws {
            try await TunnelBench.run { bench in
                try await bench.open()
                try await Namespace.shell(
                    "ip route del 10.66.0.0/16 dev \(TunnelBench.device) table 3876")
                #expect(try await bench.executor.verify().map(\.code) == [.routesChanged])
                _ = try await bench.executor.repair()
                #expect(try await bench.executor.verify() == [])
                #expect(try await bench.ask(.lan, .ping, .ipv4) == "yes")

                var input = bench.input
                let prefixes = ["10.66.0.0/24", "10.77.0.0/16", "fd66::/32"]
                input.networks[0] = HostSamples.network(
                    prefixes, packets: PacketSettings(device: TunnelBench.device))
                _ = try await bench.executor.apply(input)
                let routes = try await tunnelRoutes()
                #expect(routes.map { String($0.prefix { $0 != " " }) } == prefixes)
                try await bench.executor.closeTunnel(TunnelBench.device)
                #expect(try await tunnelRoutes().isEmpty)
                // Not one of them comes back by itself.
                _ = try await bench.executor.apply(bench.input)
                #expect(try await tunnelRoutes().isEmpty)
            }
        }

        @Test("a gateway inside its own network is reached past its tunnel, open or not")
        func gateway() async throws {
            try await TunnelBench.run { bench in
                try await bench.executor.setGateways([HostSamples.prefix("10.66.0.10")])
                for isOpen in [false, true] {
                    if isOpen { try await bench.open() }
                    for question in [TunnelBench.Question.tcp, .udp] {
                        async let answer = bench.ask(.own, question, .ipv4, seconds: 1)
                        #expect(bench.ring(question, .ipv4, within: 500).isEmpty)
                        #expect(try await answer != "yes")
                    }
                }
                #expect(try await bench.seen("every") == 0)
                #expect(try await bench.counted("leak", table: "dvpn_guard") == 0)
                try await bench.executor.setGateways([])
                #expect(try await bench.ask(.own, .udp, .ipv4) == "yes")
                #expect(try await bench.executor.verify() == [])
            }
        }

        @Test("a tunnel without IPv6, or without an address, gets no route that leads nowhere")
        func families() async throws {
            try await TunnelBench.run { bench in
                try await Namespace.shell("ip -6 addr flush dev \(TunnelBench.device)")
                try await bench.open()
                #expect(try await tunnelRoutes().count == 1)
                try await bench.executor.closeTunnel(TunnelBench.device)
                try await Namespace.shell("ip -4 addr flush dev \(TunnelBench.device)")
                let error = await #expect(throws: HostError.self) { try await bench.open() }
                #expect(error?.code == .tunnelDevice)
                #expect(try await tunnelRoutes().isEmpty)
            }
        }

        @Test("without a LAN nothing is forwarded, and cleaning up leaves nothing behind")
        func noLan() async throws {
            try await TunnelBench.run(lan: false) { bench in
                try await bench.open()
                for family in Family.allCases {
                    #expect(try await bench.ask(.own, .udp, family) == "yes")
                    #expect(try await bench.ask(.lan, .udp, family, seconds: 1) != "yes")
                }
                let key = "/proc/sys/net/ipv4/conf/\(TunnelBench.device)/forwarding"
                #expect(try await Namespace.shell("cat \(key)") == "0\n")
                try await bench.executor.cleanup()
                #expect(try await tunnelRoutes().isEmpty)
                _ = try await bench.executor.apply(bench.input)
            }
        }

        private static func packets(_ tcp: PacketSettings.TCP) -> PacketSettings {
            PacketSettings(device: TunnelBench.device, tcp: tcp)
        }

        private func tunnelRoutes() async throws -> [String] {
            try await Namespace.shell(
                """
                ip route show table 3876 metric 1024; ip -6 route show table 3876 metric 1024
                """
            ).split(separator: "\n").map(String.init)
        }

        /// Puts a packet on the cable whose other end the host has.
        private func inject(_ packet: RawPacket, _ device: String) async throws {
            let bytes = packet.bytes.map { String($0, radix: 16) }
                .map { $0.count == 1 ? "0" + $0 : $0 }.joined()
            let said = try await Namespace.shell(
                """
                /usr/bin/python3 - <<X
                import fcntl, socket, struct
                packet = bytes.fromhex("\(bytes)")
                kind = 0x86dd if packet[0] >> 4 == 6 else 0x0800
                cable = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
                cable.bind(("\(device)", kind))
                name = b"\(device.replacing("1", with: "0"))"
                mac = fcntl.ioctl(cable, 0x8927, struct.pack("256s", name))[18:24]
                cable.send(mac + bytes(6) + struct.pack("!H", kind) + packet)
                X
                """)
            #expect(said == "")
        }
    }
}

extension TunnelBench {
    /// The far host sends a datagram to an address on or behind this host.
    func fromFar(_ target: String) async throws {
        let family = target.contains(":") ? "-6" : "-4"
        let via = family == "-4" ? Self.assigned.0 : Self.assigned.1
        try await far(
            """
            ip \(family) route replace \(target) via \(via) dev far0 onlink
            echo x > /dev/udp/\(target)/9
            """)
    }

    private func far(_ command: String) async throws {
        try await Namespace.shell("nsenter --net --target \(farProcess) bash -c '\(command)'")
    }
}
