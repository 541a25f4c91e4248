import Protocol
import Testing

/// What a filter says of a packet.
@Suite struct PacketRulesTests {
    private static let udp: UInt8 = 17
    private static let tcp: UInt8 = 6
    private static let icmp: UInt8 = 1

    @Test func theFirstMatchDecides() throws {
        let rules = try #require(
            PacketRules([
                PacketRule(isAllowed: false, ipProtocol: Self.udp, low: 123, high: 123),
                PacketRule(isAllowed: true, ipProtocol: Self.udp, low: 100, high: 200),
                PacketRule(isAllowed: false, ipProtocol: Self.udp),
                PacketRule(isAllowed: false, ipProtocol: Self.icmp, low: 8, high: 8),
                PacketRule(isAllowed: true, ipProtocol: 0),
            ]))
        let table: [(UInt8, UInt16, Bool)] = [
            (Self.udp, 123, false), (Self.udp, 99, false), (Self.udp, 100, true),
            (Self.udp, 200, true), (Self.udp, 201, false), (Self.udp, 0, false),
            (Self.udp, 0xffff, false), (Self.tcp, 123, true), (Self.icmp, 8, false),
            (Self.icmp, 13, true), (2, 0, true),
        ]
        for (ipProtocol, port, isAllowed) in table {
            let says = rules.allows(ipProtocol: ipProtocol, port: port)
            #expect(says == isAllowed, "protocol \(ipProtocol), port \(port)")
        }
    }

    @Test func whatNoRuleMatchesIsAllowed() throws {
        #expect(PacketRules().allows(ipProtocol: Self.udp, port: 123))
        let rules = try #require(PacketRules([PacketRule(isAllowed: false, ipProtocol: Self.tcp)]))
        #expect(rules.allows(ipProtocol: Self.udp, port: 123))
        #expect(!rules.allows(ipProtocol: Self.tcp, port: 123))
    }

    @Test func flagsOfANetwork() {
        func settings(_ flags: NetworkSettings.Flags) -> NetworkSettings {
            NetworkSettings(
                id: 1, connector: .direct, mode: .truthful, flags: flags, holdMs: 1, halfOpenMax: 0,
                connectionsMax: 0, device: DeviceName())
        }
        #expect(!settings([]).holdsPackets && !settings([]).routesTCP)
        #expect(settings([.packets]).holdsPackets && !settings([.packets]).routesTCP)
        #expect(settings([.packets, .routesTCP]).routesTCP)
        #expect(!settings([.routesTCP]).routesTCP, "without packets there is no route for TCP")
    }
}
