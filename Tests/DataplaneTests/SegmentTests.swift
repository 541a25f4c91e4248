import Protocol
import Testing

@testable import dataplane

@Suite("What the doorbell reads from a packet")
struct SegmentTests {
    static let ends: [(Endpoint, Endpoint)] = [
        (Packets.v4(0xc0a8_0102, 40_000), Packets.v4(0x0a01_020a, 80)),
        (Packets.v6(0x100, 40_000), Packets.v6(0x10, 80)),
    ]
    static let syn: UInt8 = 2, ack: UInt8 = 16, rst: UInt8 = 4, fin: UInt8 = 1

    @Test("A SYN gives its ends, sequence number and TSval", arguments: [0, 1])
    func syn(family: Int) throws {
        let (source, target) = Self.ends[family]
        let packet = Packets.tcp(
            source, target, flags: Self.syn, sequence: 0xdead_beef, options: Packets.timestamps(77))
        let (_, segment) = Packets.with(packet) { Segment($0) }
        let found = try #require(segment)
        #expect(found.kind == .syn)
        #expect(found.source == source && found.target == target)
        #expect(found.sequence == 0xdead_beef)
        #expect(found.timestampOffset == (family == 0 ? 20 : 40) + 24)
    }

    @Test("Only a SYN without ACK, RST or FIN begins a connection; ECN bits do not matter")
    func flags() {
        let (source, target) = Self.ends[0]
        let table: [(UInt8, Segment.Kind)] = [
            (Self.syn, .syn), (Self.syn | 0xc0, .syn), (Self.syn | Self.ack, .stray),
            (Self.ack, .stray),
            (Self.fin | Self.ack, .stray), (Self.rst, .ignored), (Self.rst | Self.ack, .ignored),
            (Self.syn | Self.fin, .stray), (0, .stray),
        ]
        for (flags, kind) in table {
            let (_, segment) = Packets.with(Packets.tcp(source, target, flags: flags)) {
                Segment($0)
            }
            #expect(segment?.kind == kind, "flags \(flags)")
        }
    }

    @Test("What must not be answered is ignored")
    func unanswerable() {
        let (source, target) = Self.ends[0]
        let (source6, target6) = Self.ends[1]
        let multicast = Packets.v4(0xe000_00fb, 0)
        let group = Endpoint(family: .ipv6, address: Address(high: 0xff02 << 48, low: 2), port: 0)
        var fragment = Packets.tcp(source, target, flags: Self.syn)
        fragment[6] = 0x20
        fragment[7] = 10
        let table: [([UInt8], Segment.Kind)] = [
            (Packets.ip(source, target, ipProtocol: 1, payload: [8, 0, 0, 0]), .datagram),
            (Packets.ip(source, target, ipProtocol: 1, payload: [3, 1, 0, 0]), .ignored),
            (Packets.ip(source, multicast, ipProtocol: 17, payload: [0, 1, 0, 2]), .ignored),
            (Packets.ip(source, target, ipProtocol: 17, payload: [0, 1, 0, 2]), .datagram),
            (Packets.ip(source6, group, ipProtocol: 58, payload: [133, 0]), .ignored),
            (Packets.ip(source6, target6, ipProtocol: 58, payload: [128, 0]), .datagram),
            (Packets.ip(source6, target6, ipProtocol: 58, payload: [1, 0]), .ignored),
            (
                Packets.ip(source6, target6, ipProtocol: 44, payload: [6, 0, 0, 8, 0, 0, 0, 1]),
                .ignored
            ),
            (fragment, .ignored),
        ]
        for (packet, kind) in table {
            let (_, segment) = Packets.with(packet) { Segment($0) }
            #expect(segment?.kind == kind, "\(packet)")
        }
    }

    @Test("A filter sees the target port or the type of ICMP; a later fragment shows neither")
    func selectors() {
        let (source, target) = Self.ends[0]
        let (source6, target6) = Self.ends[1]
        let ports: [UInt8] = [0, 1, 0x1f, 0x90]
        var later = Packets.ip(source, target, ipProtocol: 17, payload: ports)
        later[7] = 10
        let first6: [UInt8] = [17, 0, 0, 1, 0, 0, 0, 1]
        let later6: [UInt8] = [17, 0, 0, 9, 0, 0, 0, 1]
        let table: [([UInt8], UInt16, Bool)] = [
            (Packets.ip(source, target, ipProtocol: 17, payload: ports), 8_080, false),
            (Packets.tcp(source, target, flags: Self.syn), 80, false),
            (Packets.tcp(source6, target6, flags: Self.ack), 80, false),
            (Packets.ip(source, target, ipProtocol: 1, payload: [8, 0, 0, 0]), 8, false),
            (Packets.ip(source6, target6, ipProtocol: 58, payload: [133, 0]), 133, false),
            (Packets.ip(source, target, ipProtocol: 50, payload: ports), 0, false),
            (later, 0, true),
            (Packets.ip(source6, target6, ipProtocol: 44, payload: first6 + ports), 8_080, false),
            (Packets.ip(source6, target6, ipProtocol: 44, payload: later6 + ports), 0, true),
        ]
        for (packet, selector, isLater) in table {
            let (_, segment) = Packets.with(packet) { Segment($0) }
            #expect(segment?.selector == selector, "\(packet)")
            #expect(segment?.isLaterFragment == isLater, "\(packet)")
        }
    }

    @Test("A packet cut at any byte is refused or read within its bounds", arguments: [0, 1])
    func truncated(family: Int) {
        let (source, target) = Self.ends[family]
        let packet = Packets.tcp(source, target, flags: Self.syn, options: Packets.timestamps(1))
        for length in 1..<packet.count {
            let (_, segment) = Packets.with(Array(packet.prefix(length))) { Segment($0) }
            #expect(segment == nil, "cut to \(length)")
        }
    }

    @Test("Options with impossible lengths end the search, not the program")
    func options() {
        let (source, target) = Self.ends[0]
        for options: [UInt8] in [
            [8, 0, 0, 0], [8, 255, 0, 0], [3, 1, 8, 10], [1, 1, 1, 8], [0, 8, 10, 0],
        ] {
            let packet = Packets.tcp(source, target, flags: Self.syn, options: options)
            let (_, segment) = Packets.with(packet) { Segment($0) }
            #expect(segment?.kind == .syn && segment?.timestampOffset == 0, "\(options)")
        }
    }
}

@Suite("What the doorbell writes into a packet")
struct RewriteTests {
    @Test("Marks replace the DSCP, keep the ECN bits and the checksums", arguments: [0, 1])
    func marks(family: Int) {
        let (source, target) = SegmentTests.ends[family]
        for tos: UInt8 in [0, 1, 3, 0xb8, 0xff] {
            let tcp = Packets.tcp(source, target, flags: 2)
            let payload = Array(tcp.dropFirst(family == 0 ? 20 : 40))
            let packet = Packets.ip(source, target, ipProtocol: 6, payload: payload, tos: tos)
            for mark in [Mark.release, .unreachable, .reset] {
                let (marked, _) = Packets.with(packet) { $0.put(mark.rawValue) }
                let field = family == 0 ? marked[1] : marked[0] << 4 | marked[1] >> 4
                #expect(field >> 2 == mark.rawValue && field & 3 == tos & 3)
                #expect(Packets.isSound(marked, source, target))
            }
        }
    }

    @Test(
        "TSval moves forward and the checksum follows, at even and odd offsets", arguments: [0, 1])
    func timestamp(family: Int) throws {
        let (source, target) = SegmentTests.ends[family]
        let even = Packets.timestamps(0xffff_fff0)
        let odd: [UInt8] = [1, 8, 10] + Packets.be32(0x1234_5678) + Packets.be32(0) + [1]
        for options in [even, odd] {
            for ticks: UInt32 in [0, 1, 9_998, 0xffff, 0x1_0000, 0xffff_ffff] {
                let packet = Packets.tcp(source, target, flags: 2, options: options)
                let before = try #require(Packets.with(packet) { Segment($0) }.1)
                let (moved, value) = Packets.with(packet) { bytes in
                    bytes.advanceTimestamp(
                        at: before.timestampOffset, tcpOffset: before.tcpOffset, by: ticks)
                    return bytes.u32(before.timestampOffset)
                }
                let original = Packets.with(packet) { $0.u32(before.timestampOffset) }.1
                #expect(value == original &+ ticks)
                #expect(Packets.isSound(moved, source, target), "ticks \(ticks)")
            }
        }
    }

    @Test("A clock's rate is known only where it is a usual one")
    func clockRate() {
        let table: [(UInt32, UInt64, UInt64?)] = [
            (1_000, 1_000_000, 1_000), (1_020, 1_000_000, 1_000), (1_100, 1_000_000, nil),
            (1_000_000, 1_000_000, 1_000_000), (100, 1_000_000, 100), (250, 1_000_000, 250),
            (0, 1_000_000, nil), (100, 100_000, nil), (7_000, 7_010_000, 1_000),
            (4, 1_000_000, nil),
        ]
        for (ticks, span, hertz) in table {
            #expect(ClockRate(ticks: ticks, span: span)?.hertz == hertz, "\(ticks) in \(span)")
        }
    }

    @Test("Held time in ticks never reaches the client's present")
    func heldTicks() throws {
        let kernel = try #require(ClockRate(hertz: 1_000))
        #expect(kernel.ticks(in: 10_000_000) == 9_998)
        #expect(kernel.ticks(in: 1_500) == 0)
        #expect(ClockRate(hertz: 0) == nil)
        let micro = try #require(ClockRate(hertz: 1_000_000))
        #expect(micro.ticks(in: 8_000_000) == 7_998_000)
    }
}
