import Protocol

@testable import dataplane

/// Two networks whose tunnel carries packets, and packets for them.
enum Fixture {
    /// Of the tunnel whose TCP is opened, and of the one whose TCP is routed.
    static let spliced: UInt32 = 1
    static let routed: UInt32 = 2
    static let client = Packets.v4(0xc0a8_0102, 40_000)
    static let client6 = Packets.v6(0x100, 40_000)
    static let fin: UInt8 = 1, syn: UInt8 = 2, rst: UInt8 = 4, ack: UInt8 = 16

    static let hold: UInt64 = 20_000_000

    /// 10.1.0.0/16 and fd00:1:2::/48 are spliced, 10.2.0.0/16 is routed.
    static func harness(
        filters: [PacketRules] = [], crew: Crew = Crew(count: 1), index: Int = 0
    ) -> Harness {
        func network(_ id: UInt32, _ flags: NetworkSettings.Flags) -> NetworkSettings {
            NetworkSettings(
                id: id, connector: .direct, mode: .truthful, flags: flags,
                holdMs: UInt32(hold / 1_000), halfOpenMax: 0, connectionsMax: 0,
                device: DeviceName("dv-none") ?? DeviceName(), filter: UInt16(filters.count))
        }
        func prefix(_ address: UInt32) -> Prefix {
            Prefix(family: .ipv4, length: 16, address: Address(ipv4: address))
        }
        let six = Prefix(
            family: .ipv6, length: 48, address: Address(high: 0xfd00_0001_0002_0000, low: 0))
        return Harness(
            [network(spliced, [.packets]), network(routed, [.packets, .routesTCP])],
            prefixes: [
                PrefixEntry(prefix: prefix(0x0a01_0000), network: spliced),
                PrefixEntry(prefix: prefix(0x0a02_0000), network: routed),
                PrefixEntry(prefix: six, network: spliced),
            ], filters: filters, crew: crew, index: index)
    }

    static func server(_ network: UInt32, port: UInt16) -> Endpoint {
        Packets.v4(network == spliced ? 0x0a01_0203 : 0x0a02_0203, port)
    }

    static func udp(
        _ source: Endpoint = client, _ target: Endpoint, _ byte: UInt8 = 0, tos: UInt8 = 0
    ) -> [UInt8] {
        let ports = Packets.be16(source.port) + Packets.be16(target.port)
        return Packets.ip(
            source, target, ipProtocol: 17, payload: ports + [0, 9, 0, 0, byte], tos: tos)
    }

    static func echo(_ source: Endpoint, _ target: Endpoint, tos: UInt8 = 0) -> [UInt8] {
        let isIPv4 = source.family == .ipv4
        return Packets.ip(
            source, target, ipProtocol: isIPv4 ? 1 : 58,
            payload: [isIPv4 ? 8 : 128, 0, 0, 0, 0, 1, 0, 1], tos: tos)
    }

    /// A TCP segment that carries bytes.
    static func data(_ target: Endpoint, flags: UInt8 = ack) -> [UInt8] {
        let segment = Packets.tcp(client, target, flags: flags)
        return Packets.ip(
            client, target, ipProtocol: 6, payload: Array(segment.dropFirst(20)) + [1, 2, 3])
    }

    static func codepoint(_ packet: [UInt8]) -> UInt8 {
        Packets.with(packet) { $0.codepoint }.1
    }

    /// Packets for which somebody waits, and how each is answered.
    static var answered: [([UInt8], Mark)] {
        let target = server(routed, port: 80)
        return [
            (udp(client, target), .unreachable), (echo(client, target), .unreachable),
            (Packets.ip(client, target, ipProtocol: 50, payload: [1, 2, 3, 4]), .unreachable),
            (Packets.tcp(client, target, flags: syn), .unreachable), (data(target), .reset),
            (data(target, flags: ack | fin), .reset),
        ]
    }

    /// Packets that nobody waits for.
    static var silent: [(String, [UInt8])] {
        let target = server(routed, port: 80)
        var later = udp(client, target)
        later[6] = 0x20
        later[7] = 10
        let six = Packets.ip(
            client6, Packets.v6(0x10, 0), ipProtocol: 44,
            payload: [17, 0, 0, 8, 0, 0, 0, 1, 1, 2, 3, 4])
        let host = Packets.v4(0x0a01_0203, 0)
        return [
            ("RST", Packets.tcp(client, target, flags: rst)),
            ("RST and ACK", Packets.tcp(client, target, flags: rst | ack)),
            ("FIN", Packets.tcp(client, target, flags: fin)),
            ("FIN and ACK", Packets.tcp(client, target, flags: fin | ack)),
            ("keepalive", Packets.tcp(client, target, flags: ack)),
            ("SYN and ACK", Packets.tcp(client, target, flags: syn | ack)),
            ("ICMP error", Packets.ip(client, target, ipProtocol: 1, payload: [3, 1, 0, 0])),
            ("echo reply", Packets.ip(client, target, ipProtocol: 1, payload: [0, 0, 0, 0])),
            ("no ICMP type", Packets.ip(client, host, ipProtocol: 1, payload: [])),
            ("later fragment", later), ("later fragment of IPv6", six),
        ]
    }
}

extension Harness {
    /// The demands among what the controlplane heard.
    static func demands(_ messages: [Message]) -> [Demand] {
        messages.compactMap { if case .demand(let it) = $0 { it } else { nil } }
    }

    func demands() -> [Demand] { Self.demands(heard()) }

    /// What the controlplane heard last of how much the network holds.
    func parked(_ network: UInt32) -> UInt32? {
        worker.now += 100_000
        worker.reportActivity()
        let figures = heard().compactMap { message -> UInt32? in
            guard case .activity(let it) = message, it.network == network else { return nil }
            return it.parked
        }
        return figures.last
    }
}
